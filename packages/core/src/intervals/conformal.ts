import { z } from 'zod';
import { checkPairs } from '../metrics/pairs.ts';
import { clipIntervals, expectCoverage, type Forecast, type Intervals, takeCentralInterval } from './intervals.ts';

/**
 * What intervals are made of.
 *
 * - `absolute`: predicted ± a margin, the same for all songs.
 * - `normalised`: predicted ± a margin times the song's own deviation, of a Gaussian model (Lei et al. 2018, §5.2).
 * - `quantiles`: the model's own central band, with a margin put on, or taken off, at both ends (Romano, Patterson & Candès
 *   2019, "Conformalized quantile regression").
 */
export const intervalKinds = ['absolute', 'normalised', 'quantiles'] as const;
export type IntervalKind = (typeof intervalKinds)[number];

/** The shares for which margins are kept unless said otherwise: every twentieth, and 99 %. */
export const calibratedCoverages: readonly number[] = [...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.99];

export const calibrationSchema = z
  .object({
    kind: z.enum(intervalKinds),
    /** Rows that the margins come from. */
    rows: z.int().min(0),
    /** Shares of songs that intervals are to cover, and for each of them the margin; null where so few rows allow none. */
    coverages: z.array(z.number().gt(0).lt(1)),
    margins: z.array(z.number().nullable()),
  })
  .refine(({ coverages, margins }) => margins.length === coverages.length, {
    path: ['margins'],
    message: 'must be one a coverage',
  });

/** How wide a model's intervals must be; plain data, kept with the model. Margins are in points, or in the model's deviations. */
export type Calibration = z.infer<typeof calibrationSchema>;

/**
 * Which of n scores in ascending order, from 1, is at least as large as that of one more song with probability ≥ coverage:
 * `⌈(n + 1)·coverage⌉`. Greater than n where n is too small. Source: Vovk, Gammerman & Shafer 2005.
 */
export function conformalRank(count: number, coverage: number): number {
  // Coverages are decimals: 100·0.55 is a little more than 55 in a double.
  return Math.ceil((count + 1) * coverage - 1e-9);
}

/**
 * The conformal quantile: the score of rank `conformalRank`, which the score of one more song does not exceed with probability
 * ≥ coverage, if it and the given ones are exchangeable; Infinity where there are too few. Never interpolated. In any order.
 * Throws: RangeError for a coverage outside 0 to 1.
 */
export function conformalQuantile(scores: Float64Array, coverage: number): number {
  expectCoverage('conformalQuantile', coverage);
  const rank = conformalRank(scores.length, coverage);
  return rank > scores.length ? Infinity : scores.toSorted()[rank - 1];
}

function deviationsOf({ distribution }: Forecast): Float64Array {
  if (distribution?.kind === 'gaussian') return distribution.deviation;
  throw new RangeError(`normalised intervals: the model must predict a Gaussian, got ${distribution?.kind ?? 'none'}`);
}

function centralIntervalOf({ distribution }: Forecast, coverage: number): Intervals {
  if (distribution) return takeCentralInterval(distribution, coverage);
  throw new RangeError('quantile intervals: the model must predict a distribution, got none');
}

/** How badly each row's actual value misses what the model says: the least margin with which it were covered. (rows). */
export function scoreRows(
  kind: IntervalKind,
  actual: Float64Array,
  forecast: Forecast,
  coverage: number,
): Float64Array {
  checkPairs('scoreRows', actual, forecast.predicted);
  const residuals = actual.map((value, i) => Math.abs(value - forecast.predicted[i]));
  if (kind === 'absolute') return residuals;
  if (kind === 'normalised') {
    const deviations = deviationsOf(forecast);
    return residuals.map((residual, i) => residual / deviations[i]);
  }
  const { low, high } = centralIntervalOf(forecast, coverage);
  return actual.map((value, i) => Math.max(low[i] - value, value - high[i]));
}

/**
 * Margins from rows that the model has not seen.
 *
 * Where these rows and the ones to come are exchangeable, an interval of coverage c holds at least c of those to come, and at
 * most c + 1/(rows + 1) if no two scores are equal: split conformal prediction (Papadopoulos et al. 2002). Songs of one artist
 * are alike: for songs of artists that the model does not know, the rows must be of such artists too. The forecast may also
 * be that of several models, each of rows that it was not fitted on, with intervals around a model of all rows; then nothing
 * is guaranteed, though coverage is about right where the models are alike (Barber et al. 2021 on cross-validation).
 * Shapes: actual (rows), in the forecast's order.
 * Throws: RangeError for no rows, values that are not finite, or a model that does not predict what the kind needs.
 */
export function calibrate(
  kind: IntervalKind,
  actual: Float64Array,
  forecast: Forecast,
  coverages: readonly number[] = calibratedCoverages,
): Calibration {
  const margins = coverages.map((coverage) => {
    const margin = conformalQuantile(scoreRows(kind, actual, forecast, coverage), coverage);
    return Number.isFinite(margin) ? margin : null;
  });
  return { kind, rows: actual.length, coverages: [...coverages], margins };
}

/**
 * Intervals around a forecast, within 0 and 100; all of that where the calibration had too few rows.
 * Throws: RangeError for a coverage that was not calibrated.
 */
export function applyCalibration(calibration: Calibration, forecast: Forecast, coverage: number): Intervals {
  const { kind, coverages, margins } = calibration;
  const found = coverages.findIndex((known) => Math.abs(known - coverage) < 1e-9);
  if (found < 0) {
    throw new RangeError(`applyCalibration: coverage must be one of ${coverages.join(', ')}, got ${coverage}`);
  }
  const margin = margins[found] ?? Infinity;
  const { predicted } = forecast;
  const base = kind === 'quantiles' ? centralIntervalOf(forecast, coverage) : { low: predicted, high: predicted };
  const deviations = kind === 'normalised' ? deviationsOf(forecast) : null;
  const reach = (i: number) => (deviations ? margin * deviations[i] : margin);
  return clipIntervals({
    low: base.low.map((value, i) => value - reach(i)),
    high: base.high.map((value, i) => value + reach(i)),
  });
}

/** One fold of a cross-validation: its model's residuals, and its predictions for the rows in question. */
export interface FoldForecast {
  /** |actual − predicted| of the rows that the fold held out. */
  readonly residuals: Float64Array;
  /** (rows): predictions of the rows in question, by the model that was fitted without the held-out ones. */
  readonly predicted: Float64Array;
}

/** How many of the ascending values are at most `limit` when `shift` is added. */
function countAtMost(ascending: Float64Array, shift: number, limit: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (shift + ascending[middle] <= limit) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The value of the given rank, from 1, among those of several ascending lists, each with a shift added. For each list the
 * first value that enough values are at most; of these the least. Without merging: a hundred times fewer steps.
 */
function selectShifted(lists: readonly Float64Array[], shifts: readonly number[], rank: number): number {
  let least = Infinity;
  lists.forEach((list, k) => {
    let from = 0;
    let to = list.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const limit = shifts[k] + list[middle];
      let count = 0;
      for (let other = 0; other < lists.length; other++) count += countAtMost(lists[other], shifts[other], limit);
      if (count >= rank) to = middle;
      else from = middle + 1;
    }
    if (from < list.length) least = Math.min(least, shifts[k] + list[from]);
  });
  return least;
}

/**
 * CV+ intervals, within 0 and 100: with µ₋ₖ the model fitted without fold k and R the absolute residuals of what it held out,
 * from the ⌊(1 − coverage)(n + 1)⌋-th smallest of all µ₋ₖ(x) − R to the ⌈coverage·(n + 1)⌉-th smallest of all µ₋ₖ(x) + R.
 * With folds of one row each it is the jackknife+.
 *
 * If the n rows and those in question are exchangeable, at least 1 − 2(1 − coverage) − √(2/n) are covered whatever the model,
 * and about `coverage` unless the fit is very unstable. Source: Barber, Candès, Ramdas & Tibshirani 2021, §3.
 * Shapes: `predicted` of every fold has one value a row in question.
 * Throws: RangeError for no folds, unequal lengths or a coverage outside 0 to 1.
 */
export function crossConformalIntervals(folds: readonly FoldForecast[], coverage: number): Intervals {
  expectCoverage('crossConformalIntervals', coverage);
  const rows = folds[0]?.predicted.length;
  if (rows === undefined) throw new RangeError('crossConformalIntervals: needs at least one fold, got 0');
  for (const { predicted } of folds) {
    if (predicted.length !== rows) {
      throw new RangeError(`crossConformalIntervals: predicted must hold ${rows} values, got ${predicted.length}`);
    }
  }
  const residuals = folds.map((fold) => fold.residuals.toSorted());
  const count = residuals.reduce((sum, { length }) => sum + length, 0);
  const rank = conformalRank(count, coverage);
  const high = Float64Array.from({ length: rows }, (_, row) =>
    selectShifted(
      residuals,
      folds.map(({ predicted }) => predicted[row]),
      rank,
    ),
  );
  // The k-th smallest of µ − R is the k-th largest of R − µ turned round, and both ends have the same rank from there.
  const low = Float64Array.from(
    { length: rows },
    (_, row) =>
      -selectShifted(
        residuals,
        folds.map(({ predicted }) => -predicted[row]),
        rank,
      ),
  );
  return clipIntervals({ low, high });
}
