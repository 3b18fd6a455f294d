import type { Epoch } from '../models/regressor.ts';
import type { Split } from '../tracks/split.ts';
import type { Rows, Source } from '../tracks/tracks.ts';
import type { Standings } from './standing.ts';

/**
 * How well predictions meet actual values, in points of popularity unless said otherwise. `null` where a figure is
 * undefined: a constant has no rank, no spread to explain and no slope.
 */
export interface Metrics {
  /** Mean squared error, in squared points. */
  readonly mse: number;
  /** Its root. */
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
  readonly medianAbsoluteError: number;
  /** 1 − squared errors over squared deviations from the mean of these actual values; below 0 is worse than that mean. */
  readonly r2: number | null;
  /** Correlation of ranks, ties sharing their average rank. −1 to 1. */
  readonly spearman: number | null;
  /** Tau-b, which allows for ties. −1 to 1. */
  readonly kendall: number | null;
  /** Share of predictions at most 5 points off. 0 to 1. */
  readonly within5: number;
  /** Share of predictions at most 10 points off. 0 to 1. */
  readonly within10: number;
  /** Mean of predicted − actual: above 0 promises too much. */
  readonly bias: number;
  /** Least-squares slope of actual on predicted, in points a point: below 1, predictions lie too far apart. */
  readonly calibrationSlope: number | null;
  /** Where that line meets a prediction of 0. */
  readonly calibrationIntercept: number | null;
  /** Standard deviation of the predictions over that of the actual values: far below 1, all songs are told alike. */
  readonly spread: number | null;
}

/** One model's outcome under a split. */
export interface ModelResult {
  readonly name: string;
  readonly train: Metrics;
  readonly test: Metrics;
  /** Wall time of the fit. */
  readonly seconds: number;
  /** Empty for models that are not iterative. */
  readonly history: readonly Epoch[];
}

/** A model's predictions on the held-out rows. */
export interface TestPredictions {
  readonly name: string;
  readonly predicted: Float64Array;
}

/** All that the report shows of one training run. */
export interface TrainingOutcome {
  readonly run: string;
  readonly data: {
    readonly source: Source;
    readonly rows: number;
    readonly rejected: number;
  };
  readonly split: Split;
  readonly models: readonly ModelResult[];
  /** The held-out rows, and the popularity of each. */
  readonly testRows: Rows;
  readonly testActual: Float64Array;
  readonly predictions: readonly TestPredictions[];
  /** The models' test errors with intervals, and every pair of them compared, song by song. */
  readonly standings: Standings;
}
