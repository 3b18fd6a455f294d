import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openOutcomeJournal } from './outcomeJournal.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitscan-journal-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const record = (key: string, value: number, seconds = 0) => ({
  key,
  values: { value, seconds },
  arrays: { a: Float64Array.of(value) },
});

test('once settled, a file says nothing of the order in which its records came', () => {
  const orders = [
    ['a/1', 'b/0', 'a/10', 'a/2'],
    ['b/0', 'a/2', 'a/10', 'a/1'],
  ];
  const texts = orders.map((keys, i) => {
    mkdirSync(join(folder, `run ${i}`));
    const path = join(folder, `run ${i}`, 'fits.jsonl');
    const journal = openOutcomeJournal(path, z.object({ value: z.number() }));
    // Added a second time with more in it, as another contest of the run asks for more.
    if (i === 1) journal.add(record('a/1', -1));
    for (const [place, key] of keys.entries()) journal.add(record(key, key.length, place));
    journal.settle((values) => ({ ...(values as object), seconds: 0 }));
    journal.close();
    const again = openOutcomeJournal(path, z.object({ value: z.number() }));
    expect([...again.records.keys()]).toEqual(['a/1', 'a/10', 'a/2', 'b/0']);
    expect(again.records.get('a/10')).toEqual(record('a/10', 4));
    again.close();
    return readFileSync(path, 'utf8');
  });
  expect(texts[1]).toBe(texts[0]);
});
