import type { FittedRegressor, PredictedDistribution } from '../models/regressor.ts';
import { normalQuantile } from '../statistics/normal.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** One interval a row, its ends included, in points of popularity; infinite where there is no end. Shapes: (rows). */
export interface Intervals {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** All that intervals can be put around: a number a row, and its distribution where the model predicts one. */
export interface Forecast {
  /** (rows). */
  readonly predicted: Float64Array;
  readonly distribution: PredictedDistribution | null;
}

/** A fitted model's forecast for the given rows, in their order. */
export function makeForecast(fitted: FittedRegressor, tracks: Tracks, rows: Rows): Forecast {
  return {
    predicted: fitted.predict(tracks, rows),
    distribution: fitted.predictDistribution?.(tracks, rows) ?? null,
  };
}

/** Throws: RangeError unless the share of rows to be covered is strictly between 0 and 1. */
export function expectCoverage(where: string, coverage: number): void {
  if (!(coverage > 0 && coverage < 1)) {
    throw new RangeError(`${where}: coverage must be between 0 and 1, got ${coverage}`);
  }
}

/**
 * The same intervals with both ends within 0 and 100, the range of popularity: what they cover is not changed. An interval
 * whose low end is above its high end covers nothing; it becomes the point midway between them.
 */
export function clipIntervals({ low, high }: Intervals): Intervals {
  const clip = (value: number) => Math.min(100, Math.max(0, value));
  const clipped = { low: low.map(clip), high: high.map(clip) };
  for (let i = 0; i < low.length; i++) {
    if (low[i] <= high[i]) continue;
    clipped.low[i] = clip((low[i] + high[i]) / 2);
    clipped.high[i] = clipped.low[i];
  }
  return clipped;
}

/**
 * The value at a level between one row's quantiles of given levels, which are no sample to take a quantile of: on a line between the levels beside it; beyond the outermost levels, where
 * nothing is known, the outermost value. `at` is the place of the row's first.
 */
function interpolateLevels(levels: readonly number[], values: Float64Array, at: number, level: number): number {
  // Levels are decimals: 0.5 − 0.4 is not quite 0.1.
  const above = levels.findIndex((known) => known >= level - 1e-9);
  if (above < 0) return values[at + levels.length - 1];
  if (above === 0 || levels[above] - level < 1e-9) return values[at + above];
  const share = (level - levels[above - 1]) / (levels[above] - levels[above - 1]);
  return values[at + above - 1] + share * (values[at + above] - values[at + above - 1]);
}

/**
 * The central part of each row's distribution that holds the share `coverage`, as the model has it: from the (1 − coverage)/2
 * quantile to the (1 + coverage)/2 quantile. Neither compared with any data nor clipped.
 * Throws: RangeError for a coverage outside 0 to 1.
 */
export function takeCentralInterval(distribution: PredictedDistribution, coverage: number): Intervals {
  expectCoverage('takeCentralInterval', coverage);
  if (distribution.kind === 'gaussian') {
    const { mean, deviation } = distribution;
    const reach = normalQuantile((1 + coverage) / 2);
    return {
      low: mean.map((value, i) => value - reach * deviation[i]),
      high: mean.map((value, i) => value + reach * deviation[i]),
    };
  }
  const { levels, values } = distribution;
  const take = (level: number) =>
    Float64Array.from({ length: values.length / levels.length }, (_, row) =>
      interpolateLevels(levels, values, row * levels.length, level),
    );
  return { low: take((1 - coverage) / 2), high: take((1 + coverage) / 2) };
}
