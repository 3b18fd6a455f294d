import {
  appendFileSync,
  existsSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '@hitscan/core/errors';
import { formatPythonJson, parsePythonJson } from '@hitscan/core/tune';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { openJournal } from './journal.ts';
import { lockJournal } from './journalLock.ts';

const folder = makeTestFolder('journal');

const golden = readFileSync(new URL('golden/optunaStudy.journal', import.meta.url));
const lines = golden.toString().trimEnd().split('\n');

function writeJournal(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Fails unless Optuna could read every line. */
function expectRecords(path: string, count: number): void {
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const records = text.trimEnd().split('\n').map(parsePythonJson);
  expect(records).toHaveLength(count);
  for (const record of records) expect(record).toHaveProperty('op_code');
}

describe('a line that was left unfinished', () => {
  // The last line creates the sixth trial. Cut at its start, within, in the midst of a name, and before its end.
  const start = golden.lastIndexOf('\n', golden.length - 2) + 1;
  test.each([start, start + 1, start + 5, start + 40, golden.length - 2, golden.length - 1])(
    '%i bytes',
    async (cut) => {
      const path = writeJournal(`torn-${cut}.log`, golden.subarray(0, cut));
      const watcher = openJournal(path);
      expect(await watcher.readTrials(0)).toHaveLength(5);
      const writer = openJournal(path);
      expect(await writer.createTrial(0)).toBe(5);
      await writer.setTrialAttribute(5, 'user', 'a', 1);
      expect(await writer.readTrials(0)).toHaveLength(6);
      expect(await watcher.readTrials(0)).toEqual(await writer.readTrials(0));
      expectRecords(path, lines.length + 1);
      expect(readFileSync(path).subarray(0, start)).toEqual(golden.subarray(0, start));
      await Promise.all([watcher.close(), writer.close()]);
    },
  );

  test('costs nothing that somebody has appended to it', async () => {
    const torn = lines.at(-1)?.slice(0, 50) as string;
    const path = writeJournal('glued.log', `${lines.slice(0, -1).join('\n')}\n${torn}${lines.at(-1)}\n`);
    const storage = openJournal(path);
    expect(await storage.readTrials(0)).toHaveLength(6);
    await storage.createTrial(0);
    expectRecords(path, lines.length + 1);
    const again = openJournal(path);
    expect(await again.readTrials(0)).toEqual(await storage.readTrials(0));
    await Promise.all([storage.close(), again.close()]);
  });

  test('is waited for where its writer is alive', async () => {
    const path = writeJournal('growing.log', `${lines[0]}\n`);
    const storage = openJournal(path);
    const line = `${formatPythonJson({ op_code: 4, worker_id: 'w', study_id: 0, datetime_start: null }, 'compact')}\n`;
    for (const part of [line.slice(0, 10), line.slice(10, -1), line.slice(-1)]) {
      expect(await storage.readTrials(0)).toHaveLength(0);
      appendFileSync(path, part);
    }
    expect(await storage.readTrials(0)).toHaveLength(1);
    await storage.close();
  });
});

test('a line that is no record is named', async () => {
  const path = writeJournal('wrong.log', `${lines[0]}\nno record\n${lines[1]}\n`);
  const storage = openJournal(path);
  await expect(storage.listStudies()).rejects.toThrow(DataError);
  await storage.close();
  const again = openJournal(path);
  await expect(again.listStudies()).rejects.toThrow(
    `wrong.log:2: must be a record of Optuna's journal, got "no record"`,
  );
  await again.close();
});

describe('the lock', () => {
  test('is waited for, and removed after use', async () => {
    const path = writeJournal('locked.log', `${lines[0]}\n`);
    symlinkSync(path, `${path}.lock`);
    const storage = openJournal(path);
    let created = false;
    const creation = storage.createTrial(0).then(() => {
      created = true;
    });
    await wait(300);
    expect(created).toBe(false);
    unlinkSync(`${path}.lock`);
    await creation;
    expect(existsSync(`${path}.lock`)).toBe(false);
    await storage.close();
  });

  test.each(['link', 'file'])('of a process that died is taken away: a %s', async (kind) => {
    const path = writeJournal(`stale-${kind}.log`, `${lines[0]}\n`);
    if (kind === 'link') symlinkSync(path, `${path}.lock`);
    else writeFileSync(`${path}.lock`, '');
    const storage = openJournal(path, { lockGraceMs: 200 });
    const begun = performance.now();
    await storage.createTrial(0);
    // Timers may be early by a millisecond.
    expect(performance.now() - begun).toBeGreaterThan(199);
    expectRecords(path, 2);
    await storage.close();
  });

  test('is not released by one who has lost it while it was stopped', async () => {
    const path = writeJournal('lost.log', `${lines[0]}\n`);
    const lock = `${path}.lock`;
    await lockJournal(path, { graceMs: 30_000, notify: () => {} }, () => {
      unlinkSync(lock);
      symlinkSync('of another', lock);
    });
    expect(readlinkSync(lock)).toBe('of another');
    unlinkSync(lock);
  });

  test('is spoken of where it is waited for', async () => {
    const path = writeJournal('told.log', `${lines[0]}\n`);
    const told: string[] = [];
    const storage = openJournal(path, { notify: (line) => told.push(line) });
    symlinkSync(path, `${path}.lock`);
    const creation = storage.createTrial(0);
    await expect.poll(() => told, { timeout: 10_000 }).toHaveLength(1);
    unlinkSync(`${path}.lock`);
    await creation;
    expect(told).toEqual([
      `Waiting for ${path}.lock, by which another process holds the journal; one that stays the same for 30 seconds is taken away.`,
    ]);
    await storage.close();
  });

  test('that passes from hand to hand is not taken away', async () => {
    const path = writeJournal('busy.log', `${lines[0]}\n`);
    const storage = openJournal(path, { lockGraceMs: 400 });
    symlinkSync(path, `${path}.lock`);
    const creation = storage.createTrial(0);
    for (let i = 0; i < 6; i++) {
      await wait(150);
      unlinkSync(`${path}.lock`);
      symlinkSync(path, `${path}.lock`);
    }
    expectRecords(path, 1);
    unlinkSync(`${path}.lock`);
    await creation;
    await storage.close();
  });
});
