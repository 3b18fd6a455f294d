import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cutBatches,
  cutText,
  type Entry,
  groupEntries,
  shortenParam,
  toKey,
  toMetric,
  toParam,
} from './mlflowEntries.ts';

test('names that MLflow takes stay', () => {
  for (const name of [
    'learningRate',
    'mamba-tokens/test MSE',
    'a.b_c-d/e f',
    '0',
    'x'.repeat(250),
    '.hidden',
    'a/..b',
  ]) {
    expect(toKey(name)).toBe(name);
  }
});

test('names that it refuses become ones that it takes, always the same and each its own', () => {
  expect(toKey('R²')).toMatch(/^R_-[0-9a-f]{16}$/);
  expect(toKey('R²')).toBe(toKey('R²'));
  const similar = [
    'R²',
    'R³',
    'R_',
    'R_ ',
    ' R_',
    './R_',
    'R_/',
    '/R_',
    'R_//',
    '../R_',
    '',
    '_',
    '.',
    '..',
    'a:b',
    'a\0b',
  ];
  // What a changed name looks like is changed again when it is somebody's own.
  const all = [...similar, ...similar.map(toKey), 'x'.repeat(251), 'x'.repeat(252)];
  expect(new Set(all.map(toKey)).size).toBe(new Set(all).size);
});

test('no name breaks a rule of MLflow', () => {
  const piece = fc.constantFrom('..', '.', '/', ' ', 'a', '_', ':', 'é', '𝄞', '\n', '\ud800', 'x'.repeat(200));
  const name = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(name, (text) => {
      const key = toKey(text);
      // As mlflow/utils/validation.py checks them, on Windows too, where a colon is refused.
      expect(key).toMatch(/^[/\w.\- ]{1,250}$/);
      expect(posix.normalize(key)).toBe(key);
      expect(key).not.toMatch(/^\.$|^\.\.|^\/|\/$/);
    }),
    { numRuns: 1000 },
  );
});

test('texts are cut where there is room no more, without half characters', () => {
  expect(cutText('abc', 3)).toBe('abc');
  expect(cutText('abcd', 3)).toBe('ab…');
  expect(cutText('ab𝄞d', 4)).toBe('ab\ufffd…');
  expect(cutText('a\0', 4)).toBe('a\ufffd');
  const param = toParam('a', 'x'.repeat(600));
  expect(shortenParam(param, 500).item.value).toHaveLength(500);
  expect(shortenParam(param, 600)).toBe(param);
});

test.each([
  [1 / 3, '0.3333333333333333'],
  [Number.NaN, 'NaN'],
  [true, 'true'],
  ['a "b"', 'a "b"'],
  [null, 'null'],
  [[1, 'a'], '[1,"a"]'],
])('a parameter of %j is written as %s', (value, text) => {
  expect(toParam('a', value).item.value).toBe(text);
});

test('batches keep the order and the limits', () => {
  const metric = (step: number): Entry => toMetric({ name: 'a', value: step, step, time: new Date(step) });
  const kinds = fc.constantFrom('metric', 'param', 'wide');
  const entries = fc
    .array(fc.tuple(kinds, fc.integer({ min: 1, max: 400 })), { maxLength: 20 })
    .map((groups) =>
      groups.flatMap(([kind, count]) =>
        Array.from({ length: count }, (_, i) =>
          kind === 'metric' ? metric(i) : toParam(`p${i}`, kind === 'wide' ? '♫'.repeat(6000) : i),
        ),
      ),
    );
  fc.assert(
    fc.property(entries, (all) => {
      const batches = cutBatches(all);
      expect(batches.flat()).toEqual(all);
      for (const batch of batches) {
        const body = groupEntries(batch);
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(1000);
        expect(Math.max(body.params.length, body.tags.length)).toBeLessThanOrEqual(100);
        expect(Buffer.byteLength(JSON.stringify({ run_id: 'x'.repeat(256), ...body }))).toBeLessThanOrEqual(1_000_000);
      }
    }),
    // A case is of thousands of entries.
    { numRuns: 20 },
  );
  expect(cutBatches(Array.from({ length: 2001 }, (_, i) => metric(i))).map(({ length }) => length)).toEqual([
    1000, 1000, 1,
  ]);
});
