import { expect, test } from 'vitest';
import { rank, rankShares, spearmanCorrelation } from './ranks.ts';

test('ties share their average rank', () => {
  expect([...rank(Float64Array.of(7, 3, 7, 1, 7))]).toEqual([4, 2, 4, 1, 4]);
  expect([...rankShares(Float64Array.of(3, 1, 3, 9))]).toEqual([0.5, 0.125, 0.5, 0.875]);
});

test('Spearman sees order only', () => {
  const values = Float64Array.of(3, -1, 2, 50, 2);
  expect(spearmanCorrelation(values, values.map(Math.exp))).toBe(1);
  expect(
    spearmanCorrelation(
      values,
      values.map((value) => -value),
    ),
  ).toBe(-1);
  expect(spearmanCorrelation(values, new Float64Array(5))).toBeNull();
});
