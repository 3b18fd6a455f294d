import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpolateSorted, median, nanPercentile, percentileRank, quantile } from './quantiles.ts';

/** numpy.quantile of these values, method 'linear', and R's quantile(type = 7). */
const sorted = Float64Array.of(1, 2, 4, 8, 16);

test.each([
  [0, 1],
  [0.1, 1.4],
  [0.25, 2],
  [0.5, 4],
  [0.6, 5.6],
  [0.95, 14.4],
  [1, 16],
])('quantile at %d is %d, by type 7', (share, value) => {
  expect(quantile(sorted, share)).toBeCloseTo(value, 14);
  expect(nanPercentile([8, 1, Number.NaN, 16, 2, 4], 100 * share)).toBeCloseTo(value, 14);
});

test('a quantile between two values is on the line between them, and that of one value the value', () => {
  expect(quantile(Float64Array.of(0, 10), 0.25)).toBe(2.5);
  expect(quantile(Float64Array.of(7), 0.95)).toBe(7);
  expect(interpolateSorted(Float64Array.of(0, 10, 40), 1.5)).toBe(25);
  expect(interpolateSorted(Float64Array.of(0, 10, 40), 2)).toBe(40);
  expect(nanPercentile([Number.NaN], 50)).toBeNaN();
});

test('the median is the quantile at one half, of values in any order', () => {
  expect(median(Float64Array.of(9, 1, 5))).toBe(5);
  expect(median(Float64Array.of(9, 1, 5, 2))).toBe(3.5);
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, (list) => {
      // Halves of integers are exact.
      expect(median(Float64Array.from(list))).toBe(quantile(Float64Array.from(list).sort(), 0.5));
    }),
  );
});

test.each([
  ['linear', 3, 60],
  ['below all', 0, 0],
  ['above all', 9, 100],
  ['equal to two', 2, 40],
])('percentile rank as scipy.stats.percentileofscore(kind="mean"): %s', (_, value, rank) => {
  expect(percentileRank(Float64Array.of(1, 2, 2, 4, 5), value)).toBe(rank);
});
