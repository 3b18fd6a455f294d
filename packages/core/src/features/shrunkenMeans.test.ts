import { expect, test } from 'vitest';
import { makeRandom } from '../../testing/madeTracks.ts';
import { fitGroupEffects, shrinkMean, withoutGroups } from './shrunkenMeans.ts';

test('the variances of a balanced table are those of the textbook, and so is the shrunken mean', () => {
  // Means 2, 6, 10; squares within 2 + 2 + 2 over 3 degrees; between, 2 · 32 over 2 degrees: (32 − 2) / 2.
  const effects = fitGroupEffects([0, 0, 1, 1, 2, 2], [1, 3, 5, 7, 9, 11]);
  expect(effects).toEqual({ mean: 6, between: 15, within: 2 });
  // 2 values keep 2·15 / (2·15 + 2) of the way.
  expect(shrinkMean(effects, 20, 2)).toBeCloseTo(6 + (4 * 30) / 32, 14);
  expect(shrinkMean(effects, 0, 0)).toBe(6);
});

test('unequal groups: counts enter as in Searle, Casella & McCulloch, and the mean leans to neither', () => {
  const groups = [0, 0, 0, 1];
  const values = [0, 3, 6, 13];
  // Within 18 / 2; between, 3·(3 − 5.5)² + (13 − 5.5)² over 1; n₀ = 4 − 10/4.
  const between = (75 - 9) / 1.5;
  const effects = fitGroupEffects(groups, values);
  expect(effects.within).toBe(9);
  expect(effects.between).toBeCloseTo(between, 12);
  const weights = [1 / (between + 9 / 3), 1 / (between + 9)];
  expect(effects.mean).toBeCloseTo((3 * weights[0] + 13 * weights[1]) / (weights[0] + weights[1]), 12);
});

test('known variances are found again', () => {
  const random = makeRandom(5);
  // Uniform on ±√3 has variance 1.
  const draw = (deviation: number) => deviation * Math.sqrt(3) * (2 * random() - 1);
  const groups: number[] = [];
  const values: number[] = [];
  for (let group = 0; group < 4000; group++) {
    const effect = draw(8);
    for (let i = 0; i <= group % 5; i++) {
      groups.push(group);
      values.push(60 + effect + draw(6));
    }
  }
  const { mean, between, within } = fitGroupEffects(groups, values);
  // Four standard errors: 64·√(0.8/4000) = 0.9 for a uniform's variance, widened by the noise, and 10/√4000 for the mean.
  expect(Math.abs(between - 64)).toBeLessThan(6);
  expect(Math.abs(within - 36)).toBeLessThan(1.5);
  expect(Math.abs(mean - 60)).toBeLessThan(0.64);
});

test('where nothing tells groups from noise, every group is the mean; where there is no noise, its own', () => {
  const alone = fitGroupEffects([0, 1, 2], [10, 20, 60]);
  expect(alone).toEqual(withoutGroups([10, 20, 60]));
  expect(shrinkMean(alone, 60, 1)).toBe(30);
  expect(fitGroupEffects([4, 4], [10, 20])).toMatchObject({ mean: 15, between: 0 });
  // Groups nearer to each other than chance has them: an estimate below 0.
  expect(fitGroupEffects([0, 0, 1, 1], [0, 10, 1, 9]).between).toBe(0);
  const exact = fitGroupEffects([0, 0, 1, 1], [3, 3, 5, 5]);
  expect(exact.within).toBe(0);
  expect(shrinkMean(exact, 5, 1)).toBe(5);
  expect(shrinkMean(exact, 0, 0)).toBe(4);
  const constant = fitGroupEffects([0, 0, 1, 1], [7, 7, 7, 7]);
  expect(constant).toEqual({ mean: 7, between: 0, within: 0 });
  expect(shrinkMean(constant, 7, 1)).toBe(7);
  expect(() => fitGroupEffects([], [])).toThrow('fitGroupEffects: needs at least one value');
});
