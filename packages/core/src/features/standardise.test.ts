import { expect, test } from 'vitest';
import { farthest, findUnit, fitScale, standardise } from './standardise.ts';

const columnOf = (...values: number[]) => ({
  values: Float64Array.from(values),
  missing: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)),
});
const fit = (...values: number[]) => fitScale(columnOf(...values), Uint32Array.from(values.keys()));

test('mean and deviation of the values that are there', () => {
  expect(fit(1, Number.NaN, 3)).toEqual({ mean: 2, deviation: 1 });
  expect(fit(Number.NaN)).toEqual({ mean: 0, deviation: 1 });
  expect(fit(5, 5, 5)).toEqual({ mean: 5, deviation: 1 });
  expect(fit(0, 5e-324)).toEqual({ mean: 0, deviation: 1 });
});

test.each([1e140, 1e154, 1e200, 8e307])('numbers as large as %d have a scale as small ones do', (size) => {
  const small = fit(1, 1.2, 1.8, 2);
  const { mean, deviation } = fit(size, 1.2 * size, 1.8 * size, 2 * size);
  // A last bit or two for the unit's sake.
  expect(mean / size / small.mean).toBeCloseTo(1, 14);
  expect(deviation / size / small.deviation).toBeCloseTo(1, 14);
  expect(standardise(2 * size, { mean, deviation })).toBeCloseTo(standardise(2, small), 12);
});

test('the unit of ordinary numbers is 1, that of absurd ones the largest of them', () => {
  expect(findUnit([])).toBe(1);
  expect(findUnit([5e-324, -1e139])).toBe(1);
  expect(findUnit([3, -1e150, 1e145])).toBe(1e150);
});

test('what is absurdly far counts as far', () => {
  const scale = { mean: 120, deviation: 30 };
  expect(standardise(150, scale)).toBe(1);
  expect(standardise(1e308, scale)).toBe(farthest);
  expect(standardise(-1e308, { mean: 1.7e308, deviation: 1 })).toBe(-farthest);
});
