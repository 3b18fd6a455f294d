import { z } from 'zod';
import { checkPairs } from '../metrics/checkPairs.ts';
import { expectCoverage, type Forecast, type Intervals, takeCentralBand, tidyIntervals } from './intervals.ts';

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
 * The margin that the score of one more song does not exceed with probability ≥ coverage, if it and the given ones are
 * exchangeable; Infinity where there are too few. Scores need no order.
 * Throws: RangeError for a coverage outside 0 to 1.
 */
export function findMargin(scores: Float64Array, coverage: number): number {
  expectCoverage('findMargin', coverage);
  const rank = conformalRank(scores.length, coverage);
  return rank > scores.length ? Infinity : scores.toSorted()[rank - 1];
}

function deviationsOf({ distribution }: Forecast): Float64Array {
  if (distribution?.kind === 'gaussian') return distribution.deviation;
  throw new RangeError(`normalised intervals: the model must predict a Gaussian, got ${distribution?.kind ?? 'none'}`);
}

function bandOf({ distribution }: Forecast, coverage: number): Intervals {
  if (distribution) return takeCentralBand(distribution, coverage);
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
  const { low, high } = bandOf(forecast, coverage);
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
    const margin = findMargin(scoreRows(kind, actual, forecast, coverage), coverage);
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
  const base = kind === 'quantiles' ? bandOf(forecast, coverage) : { low: predicted, high: predicted };
  const deviations = kind === 'normalised' ? deviationsOf(forecast) : null;
  const reach = (i: number) => (deviations ? margin * deviations[i] : margin);
  return tidyIntervals({
    low: base.low.map((value, i) => value - reach(i)),
    high: base.high.map((value, i) => value + reach(i)),
  });
}
