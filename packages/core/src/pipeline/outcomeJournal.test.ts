import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createMemoryStore } from '../../testing/memoryHost.ts';
import { DataError } from '../errors.ts';
import { openOutcomeJournal } from './outcomeJournal.ts';
import { openRunFiles } from './runFiles.ts';

const name = 'fits.jsonl';
const schema = z.object({ value: z.number(), seconds: z.number() });

function openJournal(text = '') {
  const store = createMemoryStore();
  if (text !== '') store.write(name, text);
  const open = () => openOutcomeJournal(openRunFiles(store), name, schema);
  return { store, open };
}

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
    const { store, open } = openJournal();
    const journal = open();
    // Added a second time with more in it, as another contest of the run asks for more.
    if (i === 1) journal.add(record('a/1', -1));
    for (const [place, key] of keys.entries()) journal.add(record(key, key.length, place));
    journal.settle((values) => ({ ...values, seconds: 0 }));
    const again = open();
    expect([...again.records.keys()]).toEqual(['a/1', 'a/10', 'a/2', 'b/0']);
    expect(again.records.get('a/10')).toEqual(record('a/10', 4));
    return store.readText(name);
  });
  expect(texts[1]).toBe(texts[0]);
});

test('keeps numbers to the bit', () => {
  const { open } = openJournal();
  const kept = { ...record('a', 1), arrays: { a: Float64Array.of(1 / 3, -0, 1e300), b: new Float64Array(0) } };
  open().add(kept);
  expect([...open().records.values()]).toEqual([kept]);
});

describe('names the line that was damaged:', () => {
  const values = '"values":{"value":1,"seconds":1}';
  test.each([
    ['no JSON', 'fits', 'must be JSON, got "fits"'],
    ['another document', '[]', 'must be an object, got a list of 0'],
    ['values of another kind', '{"key":"b","values":{"value":null},"arrays":{}}', 'values.value: must be a number'],
    ['half a number', `{"key":"b",${values},"arrays":{"a":"AAAA"}}`, 'must be finite float64'],
    ['no number', `{"key":"b",${values},"arrays":{"a":"AAAAAAAA+H8="}}`, 'must be finite float64'],
  ])('%s', (_, line, rule) => {
    const { open } = openJournal(`{"key":"a",${values},"arrays":{}}\n${line}\n`);
    expect(open).toThrow(DataError);
    expect(open).toThrow(rule);
    expect(open).toThrow('fits.jsonl:2');
  });
});
