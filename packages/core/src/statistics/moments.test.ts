import { expect, test } from 'vitest';
import { average, pearsonCorrelation, sampleVariance, sumProducts, sumSquaredDeviations, variance } from './moments.ts';

test('moments by hand', () => {
  const values = Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9);
  expect(average(values)).toBe(5);
  expect(sumSquaredDeviations(values)).toBe(32);
  expect(variance(values)).toBe(4);
  expect(sampleVariance(values)).toBe(32 / 7);
  expect(variance([3])).toBe(0);
  expect(sampleVariance([3])).toBeNaN();
});

test('equal values have no variance, whatever the rounding of their mean', () => {
  const values = new Float64Array(10).fill(0.1);
  expect(average(values)).not.toBe(0.1);
  expect(variance(values)).toBe(0);
});

test('Pearson: numpy.corrcoef of four pairs, signs, and no answer for a constant', () => {
  const [a, b] = [
    [1, 2, 3, 5],
    [2, 1, 4, 6],
  ];
  expect(sumProducts(a, b)).toBe(10.25);
  // 10.25 / √(8.75 · 14.75).
  expect(pearsonCorrelation(a, b)).toBeCloseTo(0.9022436386781062, 15);
  expect(
    pearsonCorrelation(
      a,
      a.map((value) => 7 - 3 * value),
    ),
  ).toBeCloseTo(-1, 15);
  expect(pearsonCorrelation(a, [4, 4, 4, 4])).toBeNull();
  expect(pearsonCorrelation(a, [4, 4, 4, 4 + 1e-12], 1e-9)).toBeNull();
});
