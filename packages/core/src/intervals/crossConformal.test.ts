import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conformalRank } from './conformal.ts';
import { crossConformalIntervals, type FoldForecast } from './crossConformal.ts';
import { tidyIntervals } from './intervals.ts';

interface GoldenCase {
  readonly folds: { residuals: number[]; predicted: number[] }[];
  /** By coverage and row. */
  readonly intervals: [low: number, high: number][][];
}

const golden: { coverages: number[]; cross: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/intervals.json', import.meta.url), 'utf8'),
);

function toFolds(folds: GoldenCase['folds']): FoldForecast[] {
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
      expect(found).toEqual(tidyIntervals({ low: ends(-1), high: ends(1) }));
    }),
  );
});

test('models that agree give the split conformal interval of all residuals', () => {
  const predicted = Float64Array.of(40, 55);
  const folds = [Float64Array.of(1, 5, 3), Float64Array.of(2, 4)].map((residuals) => ({ residuals, predicted }));
  // The ⌈0.5 · 6⌉ = third smallest of 1 … 5.
  expect(crossConformalIntervals(folds, 0.5)).toEqual({ low: Float64Array.of(37, 52), high: Float64Array.of(43, 58) });
});

test('no folds, or folds of other rows, are refused', () => {
  expect(() => crossConformalIntervals([], 0.9)).toThrow('needs at least one fold, got 0');
  const residuals = Float64Array.of(1);
  const folds = [1, 2].map((rows) => ({ residuals, predicted: new Float64Array(rows) }));
  expect(() => crossConformalIntervals(folds, 0.9)).toThrow('predicted must hold 1 values, got 2');
  expect(() => crossConformalIntervals(folds.slice(0, 1), 0)).toThrow('coverage must be between 0 and 1, got 0');
});
