import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectFigures } from '../../testing/expectFigures.ts';
import { type Metrics, measure } from './metrics.ts';

type GoldenCase = Metrics & Record<'actual' | 'predicted', number[]> & { name: string };

const golden: { cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/metrics.json', import.meta.url), 'utf8'),
);

test.each(golden.cases)(
  'golden: $name: scikit-learn and SciPy, to 1e-10',
  ({ name, actual, predicted, ...expected }) => {
    expectFigures(measure(Float64Array.from(actual), Float64Array.from(predicted)), expected);
  },
);

test('one row has errors only; within a limit includes the limit', () => {
  const { within5, within10, medianAbsoluteError, bias, ...rest } = measure(Float64Array.of(5), Float64Array.of(0));
  expect({ within5, within10, medianAbsoluteError, bias }).toEqual({
    within5: 1,
    within10: 1,
    medianAbsoluteError: 5,
    bias: -5,
  });
  expect(rest).toEqual({
    mse: 25,
    rmse: 5,
    mae: 5,
    r2: null,
    spearman: null,
    kendall: null,
    calibrationSlope: null,
    calibrationIntercept: null,
    spread: null,
  });
});

/** Kendall's tau-b by looking at every pair. */
function correlateAllPairs(a: Float64Array, b: Float64Array): number | null {
  let [balance, untiedA, untiedB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [signA, signB] = [Math.sign(a[i] - a[j]), Math.sign(b[i] - b[j])];
      balance += signA * signB;
      untiedA += signA ** 2;
      untiedB += signB ** 2;
    }
  }
  return untiedA && untiedB ? balance / Math.sqrt(untiedA) / Math.sqrt(untiedB) : null;
}

test('Kendall counts all pairs, ties on either side and on both', () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 70 }), (pairs) => {
      const [a, b] = [0, 1].map((side) => Float64Array.from(pairs, (values) => values[side]));
      const [{ kendall }, expected] = [measure(a, b), correlateAllPairs(a, b)];
      if (expected === null) expect(kendall).toBeNull();
      // The same counts, divided the same way: the last bit differs where a figure is kept from passing 1.
      else expect(Math.abs((kendall as number) - expected)).toBeLessThan(1e-15);
    }),
  );
});

test('the calibration line is where actual values lie about the predictions', () => {
  const values = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 8 }), fc.integer({ min: -20, max: 20 }), (list, slope, intercept) => {
      const predicted = Float64Array.from(list);
      const found = measure(
        predicted.map((value) => slope * value + intercept),
        predicted,
      );
      // A line through at most 40 integers: rounding of their mean is all.
      expect(Math.abs((found.calibrationSlope as number) - slope)).toBeLessThan(1e-12);
      expect(Math.abs((found.calibrationIntercept as number) - intercept)).toBeLessThan(1e-10);
      expect(Math.abs((found.spread as number) - 1 / slope)).toBeLessThan(1e-12);
    }),
  );
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
