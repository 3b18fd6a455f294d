import { randomStream } from '@hitscan/mamba';
import { describe, expect, test } from 'vitest';
import { normalQuantile, orthonormalise, rankScores, rankShares } from './normalScores.ts';

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

test('ranks: equal values share their mean rank', () => {
  expect([...rankShares(Float64Array.of(3, 1, 3, 9))]).toEqual([0.5, 0.125, 0.5, 0.875]);
  expect(rankScores(Float64Array.of(3, 1, 3, 9))[0]).toBe(0);
});

describe('orthonormalise', () => {
  const random = randomStream(1, 'orthonormalise test');
  const draw = () => Float64Array.from({ length: 200 }, () => random.normal() + 5);
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;

  test('leaves columns of mean square 1, no two of them correlated', () => {
    const columns = [new Float64Array(200).fill(1), draw(), draw(), draw()];
    orthonormalise(columns);
    for (const [i, a] of columns.entries()) {
      for (const [j, b] of columns.entries()) {
        // Each of three projections may leave a rounding of some 1e-15.
        expect(Math.abs(product(a, b) - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      }
    }
  });

  test('makes a column that is a combination of earlier ones zero', () => {
    const [a, b] = [draw(), draw()];
    const columns = [a, b, a.map((value, i) => 2 * value - b[i])];
    orthonormalise(columns);
    expect(product(columns[2], columns[2])).toBe(0);
  });
});
