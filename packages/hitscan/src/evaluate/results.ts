import type { Epoch } from '../models/regressor.ts';
import type { Split } from '../tracks/split.ts';
import type { Rows, Source } from '../tracks/tracks.ts';

/** Errors are better when lower, `r2` and `spearman` when higher. `null` where a figure is undefined (a constant has no rank). */
export interface Metrics {
  readonly mse: number;
  readonly rmse: number;
  readonly mae: number;
  readonly r2: number | null;
  readonly spearman: number | null;
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
}
