import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measure, rank } from './metrics.ts';
import { compareSquaredErrors, measureSquaredError } from './squaredErrors.ts';

const keys = ['mse', 'rmse', 'mae', 'r2', 'spearman'] as const;
type GoldenCase = Record<(typeof keys)[number], number> & Record<'actual' | 'predicted', number[]> & { name: string };

const golden: { cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/metrics.json', import.meta.url), 'utf8'),
);

describe.each(golden.cases)('golden: $name', (example) => {
  const found = measure(Float64Array.from(example.actual), Float64Array.from(example.predicted));
  // Sums of a few hundred terms in another order: 1e-13 or so.
  test.each(keys)('%s equals scikit-learn and SciPy to 1e-10', (key) => {
    expect(Math.abs((found[key] as number) - example[key])).toBeLessThanOrEqual(1e-10 * Math.abs(example[key]));
  });
});

test('figures that are undefined are null', () => {
  const constant = measure(Float64Array.of(1, 2, 4), Float64Array.of(0.1, 0.1, 0.1));
  expect(constant.spearman).toBeNull();
  expect(constant.r2).toBeLessThan(0);
  expect(measure(Float64Array.of(0.1, 0.1, 0.1), Float64Array.of(1, 2, 3))).toMatchObject({ r2: null, spearman: null });
  expect(measure(Float64Array.of(5), Float64Array.of(3))).toEqual({
    mse: 4,
    rmse: 2,
    mae: 2,
    r2: null,
    spearman: null,
  });
});

test('ties share their average rank', () => {
  expect([...rank(Float64Array.of(7, 3, 7, 1, 7))]).toEqual([4, 2, 4, 1, 4]);
});

test('Spearman sees order only; the mean of the actual values has R² 0', () => {
  const values = fc.float64Array({ minLength: 2, maxLength: 50, min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(values, (actual) => {
      fc.pre(new Set(actual).size > 1);
      const predicted = actual.map((value) => Math.round(value));
      const { spearman } = measure(actual, predicted);
      expect(measure(actual, predicted.map(Math.exp)).spearman).toBe(spearman);
      const mean = actual.reduce((sum, value) => sum + value / actual.length, 0);
      // Values that differ in the last bits only have a total that is rounding itself.
      fc.pre(Math.max(...actual) - Math.min(...actual) > 1e-6);
      expect(
        Math.abs(
          measure(
            actual,
            actual.map(() => mean),
          ).r2 as number,
        ),
      ).toBeLessThan(1e-9);
    }),
  );
});

test('bad input is refused', () => {
  expect(() => measure(new Float64Array(0), new Float64Array(0))).toThrow('at least one row');
  expect(() => measure(new Float64Array(2), new Float64Array(1))).toThrow('must hold 2 values, got 1');
  expect(() => measure(new Float64Array(2), Float64Array.of(0, Number.NaN))).toThrow('predicted[1] must be finite');
});

test('errors of means: by hand, paired, and undefined for one row', () => {
  const actual = Float64Array.of(0, 0, 0);
  const a = Float64Array.of(1, 2, 3);
  const b = Float64Array.of(2, 3, 4);
  expect(measureSquaredError(actual, a)).toEqual({ mean: 14 / 3, standardError: Math.sqrt(98 / 3 / 2 / 3) });
  // Squares 1, 4, 9 against 4, 9, 16: differences −3, −5, −7.
  expect(compareSquaredErrors(actual, a, b)).toEqual({ mean: -5, standardError: Math.sqrt(8 / 2 / 3) });
  expect(compareSquaredErrors(actual, a, a)).toEqual({ mean: 0, standardError: 0 });
  expect(measureSquaredError(Float64Array.of(1), Float64Array.of(3))).toEqual({ mean: 4, standardError: null });
});
