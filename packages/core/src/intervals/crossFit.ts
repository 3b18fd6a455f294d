import { actualOf } from '../metrics/pairs.ts';
import type { FitOptions, FittedRegressor, PredictedDistribution, Regressor } from '../models/regressor.ts';
import { cutFolds, type FoldKind } from '../tracks/folds.ts';
import { holdOut } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { type Calibration, calibrate, type IntervalKind } from './conformal.ts';
import { type Forecast, makeForecast } from './intervals.ts';

export interface CrossFitOptions extends Pick<FitOptions, 'seed' | 'threads' | 'signal'> {
  /** What stays on one side of every cut: recordings, or whole artists. That of the protocol, so that rows are as new. */
  readonly kind: FoldKind;
  readonly folds: number;
}

/** One fold's model, and its forecast for the rows that it was not fitted on. */
export interface FittedFold {
  readonly fitted: FittedRegressor;
  readonly heldOut: Rows;
  /** Shapes: (rows), in the order of `heldOut`. */
  readonly actual: Float64Array;
  readonly forecast: Forecast;
}

/** Share of a fold's training rows that is watched for early stopping: as of any split's. */
const validationShare = 0.15;

/**
 * Cuts rows into folds, fits one model a fold on the others, and forecasts the rows that the fold holds out. The rows watched for
 * early stopping are taken from those fitted on: none of what a model predicts here had a part in it.
 * Throws: DataError where groups are too few for the folds.
 */
export async function fitFolds(
  tracks: Tracks,
  rows: Rows,
  regressor: Regressor,
  { kind, folds, ...options }: CrossFitOptions,
): Promise<FittedFold[]> {
  const { seed } = options;
  const fittedFolds: FittedFold[] = [];
  for (const [fold, { train, heldOut }] of cutFolds(tracks, rows, { kind, folds, seed }).entries()) {
    const purpose = `intervals: validation of fold ${fold}`;
    const parts = holdOut(tracks, train, { kind, share: validationShare, seed, purpose });
    const fitted = await regressor.fit(tracks, { ...options, train: parts.train, validation: parts.heldOut });
    const forecast = makeForecast(fitted, tracks, heldOut);
    fittedFolds.push({ fitted, heldOut, actual: actualOf(tracks, heldOut), forecast });
  }
  return fittedFolds;
}

/** The kinds of interval that a forecast allows: always `absolute`, and last the one whose width depends on the song, if any. */
function listKinds({ distribution }: Forecast): IntervalKind[] {
  if (distribution === null) return ['absolute'];
  return ['absolute', distribution.kind === 'gaussian' ? 'normalised' : 'quantiles'];
}

/** Margins of every kind that the forecast allows (see calibrate); the last is the one to use. */
export function calibrateKinds(actual: Float64Array, forecast: Forecast): Calibration[] {
  return listKinds(forecast).map((kind) => calibrate(kind, actual, forecast));
}

/** The folds' forecasts for the rows that they held out, as one forecast. Shapes: (rows of all folds). */
export function joinFolds(folds: readonly FittedFold[]): {
  readonly actual: Float64Array;
  readonly forecast: Forecast;
} {
  return {
    actual: joinValues(folds.map(({ actual }) => actual)),
    forecast: joinForecasts(folds.map(({ forecast }) => forecast)),
  };
}

/** One array after the other. */
function joinValues(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinDistributions(parts: readonly (PredictedDistribution | null)[]): PredictedDistribution | null {
  const gaussians = parts.filter((part) => part?.kind === 'gaussian');
  if (gaussians.length === parts.length) {
    const mean = joinValues(gaussians.map((part) => part.mean));
    return { kind: 'gaussian', mean, deviation: joinValues(gaussians.map((part) => part.deviation)) };
  }
  const quantiles = parts.filter((part) => part?.kind === 'quantiles');
  if (quantiles.length < parts.length) return null;
  const { levels } = quantiles[0];
  return { kind: 'quantiles', levels, values: joinValues(quantiles.map((part) => part.values)) };
}

/** Forecasts of several sets of rows as one; without a distribution unless all have one of the same kind. */
export function joinForecasts(parts: readonly Forecast[]): Forecast {
  return {
    predicted: joinValues(parts.map(({ predicted }) => predicted)),
    distribution: joinDistributions(parts.map(({ distribution }) => distribution)),
  };
}
