import { expect, test } from 'vitest';
import { DataError, DivergedError, WriteError } from './errors.ts';
import { type Omission, openParts } from './parts.ts';

const fail = (error: unknown) => () => {
  throw error;
};

test('what fails is left out with its reason, reported in one line, and the rest is made', async () => {
  const failed: Omission[] = [];
  const parts = openParts((omission) => failed.push(omission));
  expect(parts.attempt('first', 0, () => 1)).toBe(1);
  expect(parts.attempt('second', 0, fail(new RangeError('needs a row,\n got 0')))).toBe(0);
  expect(
    await parts.attemptLater('third', 0, async () => fail(new DataError('a.csv', 'must have dates, got none'))()),
  ).toBe(0);
  parts.leaveOut('fourth', 'nothing is known of it');
  expect(parts.omitted).toEqual([
    { part: 'second', reason: 'this is a bug in hitscan, please report it: RangeError: needs a row, got 0' },
    { part: 'third', reason: 'a.csv: must have dates, got none' },
    { part: 'fourth', reason: 'nothing is known of it' },
  ]);
  expect(failed).toEqual(parts.omitted.slice(0, 2));
});

const interruption = new Error('interrupted');
test.each([
  interruption,
  new DivergedError('the loss must stay finite'),
  new WriteError('run', 'must have room on its disk, got none', null),
])('what concerns the whole command is thrown on: %s', async (error) => {
  const parts = openParts(() => {}, AbortSignal.abort(interruption));
  expect(() => parts.attempt('part', 0, fail(error))).toThrow(error);
  await expect(parts.attemptLater('part', 0, async () => fail(error)())).rejects.toBe(error);
  expect(parts.omitted).toEqual([]);
});
