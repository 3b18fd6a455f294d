import { measure } from '../metrics/metrics.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { FittedRegressor, Regressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import type { Split } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { applyCalibration, type Calibration, calibratedCoverages, crossConformalIntervals } from './conformal.ts';
import { findSeenArtists } from './coverage.ts';
import { type CrossFitOptions, calibrateKinds, fitFolds, joinFolds } from './crossFit.ts';
import { clipIntervals, type Forecast, type Intervals, makeForecast, takeCentralInterval } from './intervals.ts';

/**
 * How intervals are made from training rows alone.
 *
 * - `own`: what the model says itself, compared with nothing.
 * - `split…`: around a model fitted on all folds of the training rows but one, by that fold's rows.
 * - `outOfFold…`: around a model of all training rows, by the rows of all folds, each predicted by a model that did not see it.
 * - `crossPlus`: CV+ (see crossConformalIntervals).
 *
 * The last word is the kind (see intervalKinds): `Normalised` for models of a Gaussian, `Quantiles` for models of quantiles.
 */
export const intervalMethods = [
  'own',
  'split',
  'splitNormalised',
  'splitQuantiles',
  'outOfFold',
  'outOfFoldNormalised',
  'outOfFoldQuantiles',
  'crossPlus',
] as const;
export type IntervalMethod = (typeof intervalMethods)[number];

/** One method's intervals for some rows, in the order of `calibratedCoverages`. */
export interface MethodIntervals {
  readonly method: IntervalMethod;
  readonly intervals: readonly Intervals[];
}

/** Held-out rows with everything that was forecast for them. Shapes: (rows), in one order. */
export interface IntervalForecast {
  readonly actual: Float64Array;
  /** 1 where the artist has a song among the training rows. */
  readonly seen: Uint8Array;
  /** Of the model of all training rows. */
  readonly forecast: Forecast;
  /** Root mean squared error of the out-of-fold predictions. */
  readonly deviation: number;
  readonly methods: readonly MethodIntervals[];
  /** What to keep with the model of all training rows: by the rows of all folds, of the kind whose width depends on the song, if any. */
  readonly calibration: Calibration;
}

export interface IntervalOptions extends CrossFitOptions {
  /** The model of all training rows, where there is one already. */
  readonly fitted?: FittedRegressor;
}

/** What is put behind a method's name for a kind of interval. */
const suffixes = { absolute: '', normalised: 'Normalised', quantiles: 'Quantiles' } as const;

function applyAll(calibration: Calibration, forecast: Forecast): Intervals[] {
  return calibratedCoverages.map((coverage) => applyCalibration(calibration, forecast, coverage));
}

/**
 * Predicts held-out rows with intervals of every method that the model allows. Everything is fitted on training and validation
 * rows: one model a fold, which has not seen the fold's rows nor, for `artist`, any song of their artists, and one of all.
 * Throws: DataError where groups are too few for the folds.
 */
export async function forecastIntervals(
  tracks: Tracks,
  { train, validation, test }: Pick<Split, 'train' | 'validation' | 'test'>,
  regressor: Regressor,
  { fitted, ...options }: IntervalOptions,
): Promise<IntervalForecast> {
  const { seed, threads, signal } = options;
  const rows = joinRows(train, validation);
  const folds = await fitFolds(tracks, rows, regressor, options);
  const whole =
    fitted ??
    (await regressor.fit(tracks, { seed, train, validation, ...(threads && { threads }), ...(signal && { signal }) }));
  const forecast = makeForecast(whole, tracks, test);
  const foldForecasts = folds.map((fold) => makeForecast(fold.fitted, tracks, test));
  const known = joinFolds(folds);

  const methods: MethodIntervals[] = [];
  const { distribution } = forecast;
  if (distribution) {
    const own = calibratedCoverages.map((coverage) => clipIntervals(takeCentralInterval(distribution, coverage)));
    methods.push({ method: 'own', intervals: own });
  }
  for (const calibration of calibrateKinds(folds[0].actual, folds[0].forecast)) {
    methods.push({ method: `split${suffixes[calibration.kind]}`, intervals: applyAll(calibration, foldForecasts[0]) });
  }
  const calibrations = calibrateKinds(known.actual, known.forecast);
  for (const calibration of calibrations) {
    methods.push({ method: `outOfFold${suffixes[calibration.kind]}`, intervals: applyAll(calibration, forecast) });
  }
  const residuals = folds.map(({ actual, forecast: { predicted } }, k) => ({
    residuals: actual.map((value, i) => Math.abs(value - predicted[i])),
    predicted: foldForecasts[k].predicted,
  }));
  const plus = calibratedCoverages.map((coverage) => crossConformalIntervals(residuals, coverage));
  methods.push({ method: 'crossPlus', intervals: plus });

  return {
    actual: actualOf(tracks, test),
    seen: findSeenArtists(tracks, rows, test),
    forecast,
    deviation: measure(known.actual, known.forecast.predicted).rmse,
    methods,
    calibration: calibrations[calibrations.length - 1],
  };
}
