import { expect, test } from 'vitest';
import { normalCdf, normalQuantile, normalScores } from './normal.ts';

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.84, 0.994457883209753],
  [0.01, -2.326347874040841],
  [1e-6, -4.753424308822899],
])('normalQuantile(%d) is %d', (p, quantile) => {
  // The approximation's own bound is 1.2e-9, relative.
  expect(Math.abs(normalQuantile(p) - quantile)).toBeLessThanOrEqual(1.2e-9 * Math.abs(quantile) + 1e-15);
});

test.each([
  [0, 0.5],
  [1.959963984540054, 0.975],
  [-3, 0.0013498980316300933],
  [-30, 4.906713927148187e-198],
])('normalCdf(%d) is %d', (z, share) => {
  // A last bit of z is as much of the share in z² + 1 of them.
  expect(Math.abs(normalCdf(z) - share)).toBeLessThanOrEqual(2 * (z * z + 1) * Number.EPSILON * share);
});

test('normal scores are quantiles of the middles of the ranks, equal values sharing theirs', () => {
  const [middle, lowest, same, highest] = normalScores(Float64Array.of(3, 1, 3, 9));
  expect([middle, same]).toEqual([0, 0]);
  expect(lowest).toBe(normalQuantile(0.125));
  expect(highest).toBe(-lowest);
});
