import { readFileSync } from 'node:fs';
import { randomStream } from '@hitscan/mamba';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyCalibration,
  calibrate,
  calibrationSchema,
  conformalQuantile,
  conformalRank,
  crossConformalIntervals,
  type FoldForecast,
  intervalKinds,
} from './conformal.ts';
import { measureCoverage } from './coverage.ts';
import { clipIntervals, type Forecast } from './intervals.ts';

interface Parts {
  readonly known: number[];
  readonly test: number[];
}

interface CrossCase {
  readonly folds: { residuals: number[]; predicted: number[] }[];
  /** By coverage and row. */
  readonly intervals: [low: number, high: number][][];
}

interface Golden {
  readonly coverages: number[];
  readonly cross: CrossCase[];
  readonly margins: { scores: number[]; margins: (number | null)[] }[];
  readonly split: Record<'actual' | 'predicted' | 'deviation' | 'quantiles', Parts> & {
    levels: number[];
    cases: (Record<(typeof intervalKinds)[number], [low: number, high: number][]> & { coverage: number })[];
  };
}

const golden: Golden = JSON.parse(readFileSync(new URL('golden/intervals.json', import.meta.url), 'utf8'));

test.each(golden.margins)('golden: margins of $scores.length scores', ({ scores, margins }) => {
  const found = golden.coverages.map((coverage) => conformalQuantile(Float64Array.from(scores), coverage));
  expect(found.map((margin) => (Number.isFinite(margin) ? margin : null))).toEqual(margins);
});

describe.each(intervalKinds)('golden: %s', (kind) => {
  test.each(golden.split.cases)('intervals of coverage $coverage are as defined', (example) => {
    const { split } = golden;
    const forecast = (part: keyof Parts): Forecast => ({
      predicted: Float64Array.from(split.predicted[part]),
      distribution:
        kind === 'quantiles'
          ? { kind, levels: split.levels, values: Float64Array.from(split.quantiles[part]) }
          : {
              kind: 'gaussian',
              mean: Float64Array.from(split.predicted[part]),
              deviation: Float64Array.from(split.deviation[part]),
            },
    });
    const { coverage } = example;
    const calibration = calibrate(kind, Float64Array.from(split.actual.known), forecast('known'), [coverage]);
    const { low, high } = applyCalibration(calibration, forecast('test'), coverage);
    example[kind].forEach((ends, i) => {
      // The same few operations on doubles, perhaps in another order.
      expect(Math.abs(low[i] - ends[0])).toBeLessThan(1e-12 * 100);
      expect(Math.abs(high[i] - ends[1])).toBeLessThan(1e-12 * 100);
    });
  });
});

const coverages = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100);

test('of exchangeable songs, each in turn the new one, as many are covered as the rank says', () => {
  const distinct = fc.uniqueArray(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(distinct, coverages, (scores, coverage) => {
      const covered = scores.filter(
        (score, i) => score <= conformalQuantile(Float64Array.from(scores.toSpliced(i, 1)), coverage),
      );
      expect(covered.length).toBe(Math.min(scores.length, conformalRank(scores.length - 1, coverage)));
      expect(covered.length).toBeGreaterThanOrEqual(coverage * scores.length - 1e-9);
    }),
  );
});

test('ties cover more, never less', () => {
  const tied = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(tied, coverages, (scores, coverage) => {
      const covered = scores.filter(
        (score, i) => score <= conformalQuantile(Float64Array.from(scores.toSpliced(i, 1)), coverage),
      );
      expect(covered.length).toBeGreaterThanOrEqual(Math.min(scores.length, coverage * scores.length - 1e-9));
    }),
  );
});

/** Songs whose spread goes with their prediction, and a model that is wrong about mean, spread and quantiles alike. */
function simulate(seed: number, rows: number): { actual: Float64Array; gaussian: Forecast; quantiles: Forecast } {
  const random = randomStream(seed, 'interval test');
  const predicted = Float64Array.from({ length: rows }, () => 30 + 40 * random.uniform());
  const actual = predicted.map((value) =>
    Math.min(100, Math.max(0, value + 3 + (value / 8) * random.normal() + 4 * random.uniform())),
  );
  const deviation = predicted.map((value) => value / 20);
  const levels = [0.1, 0.5, 0.9];
  const values = Float64Array.from({ length: 3 * rows }, (_, i) => predicted[Math.floor(i / 3)] + 2 * ((i % 3) - 1));
  return {
    actual,
    gaussian: { predicted, distribution: { kind: 'gaussian', mean: predicted, deviation } },
    quantiles: { predicted, distribution: { kind: 'quantiles', levels, values } },
  };
}

test.each(intervalKinds)('%s: new songs are covered as often as promised, however wrong the model', (kind) => {
  const name = kind === 'quantiles' ? 'quantiles' : 'gaussian';
  const coverage = 0.8;
  const trials = 60;
  const known = 199;
  const fresh = 200;
  let mean = 0;
  for (let trial = 0; trial < trials; trial++) {
    const before = simulate(trial, known);
    const after = simulate(1000 + trial, fresh);
    const calibration = calibrate(kind, before.actual, before[name], [coverage]);
    const intervals = applyCalibration(calibration, after[name], coverage);
    mean += (measureCoverage(after.actual, intervals, coverage).covered ?? Number.NaN) / trials;
  }
  // 160 of 200 exactly. A trial's coverage has the variance of its margin (beta) and that of its songs (binomial).
  const deviation = Math.sqrt((0.8 * 0.2 * (1 / (known + 2) + 1 / fresh)) / trials);
  expect(Math.abs(mean - 0.8)).toBeLessThan(4 * deviation);
});

test('with too few songs intervals are all that popularity can be', () => {
  const forecast = { predicted: Float64Array.of(20, 90), distribution: null };
  const calibration = calibrate('absolute', Float64Array.of(21, 88), forecast, [0.5, 0.9]);
  expect(calibration).toEqual({ kind: 'absolute', rows: 2, coverages: [0.5, 0.9], margins: [2, null] });
  expect(applyCalibration(calibration, forecast, 0.9)).toEqual({
    low: Float64Array.of(0, 0),
    high: Float64Array.of(100, 100),
  });
  expect(applyCalibration(calibration, forecast, 0.5).low).toEqual(Float64Array.of(18, 88));
});

test('a band that the margin turns inside out becomes its middle', () => {
  const distribution = { kind: 'quantiles', levels: [0.1, 0.9], values: Float64Array.of(10, 90) } as const;
  const forecast = { predicted: Float64Array.of(50), distribution };
  const calibration = { kind: 'quantiles' as const, rows: 9, coverages: [0.8], margins: [-45] };
  expect(applyCalibration(calibration, forecast, 0.8)).toEqual({ low: Float64Array.of(50), high: Float64Array.of(50) });
});

test('a calibration is the same after JSON, and a broken one is refused', () => {
  const { actual, gaussian } = simulate(1, 30);
  const calibration = calibrate('normalised', actual, gaussian);
  expect(calibrationSchema.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
  expect(() => calibrationSchema.parse({ ...calibration, kind: 'guess' })).toThrow('kind');
  expect(() => calibrationSchema.parse({ ...calibration, margins: [1] })).toThrow('must be one a coverage');
});

test('what a model does not predict, or was not calibrated for, is refused', () => {
  const forecast = { predicted: Float64Array.of(50, 60), distribution: null };
  const actual = Float64Array.of(40, 50);
  expect(() => calibrate('normalised', actual, forecast)).toThrow('the model must predict a Gaussian, got none');
  expect(() => calibrate('quantiles', actual, forecast)).toThrow('the model must predict a distribution, got none');
  expect(() => calibrate('absolute', Float64Array.of(40), forecast)).toThrow('predicted must hold 1 values, got 2');
  expect(() => conformalQuantile(actual, 1)).toThrow('coverage must be between 0 and 1, got 1');
  const calibration = calibrate('absolute', actual, forecast, [0.5]);
  expect(() => applyCalibration(calibration, forecast, 0.7)).toThrow('coverage must be one of 0.5, got 0.7');
});

describe('CV+', () => {
  function toFolds(folds: CrossCase['folds']): FoldForecast[] {
    return folds.map(({ residuals, predicted }) => ({
      residuals: Float64Array.from(residuals),
      predicted: Float64Array.from(predicted),
    }));
  }

  test.each(golden.cross)('golden: CV+ of $folds.length folds is as defined', ({ folds, intervals }) => {
    golden.coverages.forEach((coverage, c) => {
      const { low, high } = crossConformalIntervals(toFolds(folds), coverage);
      // One addition each, of the same two doubles.
      expect(intervals[c].map((_, row) => [low[row], high[row]])).toEqual(intervals[c]);
    });
  });

  test('selecting is the same as sorting all of it', () => {
    const value = fc.double({ min: 0, max: 50, noNaN: true });
    const fold = fc.record({ residuals: fc.array(value, { maxLength: 30 }), predicted: fc.tuple(value, value) });
    const coverages = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100);
    fc.assert(
      fc.property(fc.array(fold, { minLength: 1, maxLength: 6 }), coverages, (folds, coverage) => {
        const found = crossConformalIntervals(toFolds(folds), coverage);
        const ends = (sign: 1 | -1) =>
          Float64Array.from([0, 1], (row) => {
            const all = folds.flatMap(({ residuals, predicted }) => residuals.map((r) => sign * predicted[row] + r));
            const rank = conformalRank(all.length, coverage);
            return sign * (all.sort((a, b) => a - b)[rank - 1] ?? Infinity);
          });
        expect(found).toEqual(clipIntervals({ low: ends(-1), high: ends(1) }));
      }),
    );
  });

  test('models that agree give the split conformal interval of all residuals', () => {
    const predicted = Float64Array.of(40, 55);
    const folds = [Float64Array.of(1, 5, 3), Float64Array.of(2, 4)].map((residuals) => ({ residuals, predicted }));
    // The ⌈0.5 · 6⌉ = third smallest of 1 … 5.
    expect(crossConformalIntervals(folds, 0.5)).toEqual({
      low: Float64Array.of(37, 52),
      high: Float64Array.of(43, 58),
    });
  });

  test('no folds, or folds of other rows, are refused', () => {
    expect(() => crossConformalIntervals([], 0.9)).toThrow('needs at least one fold, got 0');
    const residuals = Float64Array.of(1);
    const folds = [1, 2].map((rows) => ({ residuals, predicted: new Float64Array(rows) }));
    expect(() => crossConformalIntervals(folds, 0.9)).toThrow('predicted must hold 1 values, got 2');
    expect(() => crossConformalIntervals(folds.slice(0, 1), 0)).toThrow('coverage must be between 0 and 1, got 0');
  });
});
