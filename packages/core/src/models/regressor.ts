import { z } from 'zod';
import type { ContextGroup } from '../features/context.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** A tensor as it lies in a model file. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What a fitted model needs to predict again: numbers, and the rest as JSON text under string keys. */
export interface SavedModel {
  readonly tensors: ReadonlyMap<string, SavedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where it was read from, for messages; not there where it was not. */
  readonly file?: string;
}

/**
 * One epoch of an iterative model. Losses are squared popularity, or what else the model's loss is in. `validationLoss` is
 * null where a model keeps no validation rows.
 */
export const epochSchema = z
  .object({
    epoch: z.int().min(0),
    /** Which network of an ensemble, from 0; left out where there is one. */
    member: z.int().min(0).exactOptional(),
    trainLoss: z.number(),
    validationLoss: z.number().nullable(),
  })
  .readonly();
export type Epoch = z.infer<typeof epochSchema>;

/** How far a fit has come, several times a second at most for people to see. */
export interface FitProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly trainLoss: number;
  readonly validationLoss: number | null;
  readonly rowsPerSecond: number;
  readonly secondsLeft: number;
}

/** The state of an interrupted fit, from which it goes on bit for bit. */
export interface Checkpoints {
  /** The last state saved, or null at a fresh start. */
  load(): SavedModel | null;
  /** Replaces the last state; the file is complete or the old one stays. */
  save(state: SavedModel): void;
}

export interface FitOptions {
  readonly seed: number;
  readonly train: Rows;
  /** Rows for early stopping. Models that need none add them to the training rows. */
  readonly validation: Rows;
  /** Rows that are measured after each epoch but neither trained on nor chosen by; for a model without early stopping. */
  readonly watched?: Rows;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Waited for; ends the fit by throwing. */
  readonly onEpoch?: (epoch: Epoch) => void | Promise<void>;
  readonly checkpoints?: Checkpoints;
  /** Threads to fit on; default 1. Any number gives the same model. */
  readonly threads?: number;
  /** Bytes that the fit may use; not limited where it is not there. A model that knows what it needs refuses to be larger. */
  readonly memoryBytes?: number | undefined;
  /** Between two checkpoints; default 2. */
  readonly checkpointSeconds?: number;
  /** Checked between steps; an aborted fit saves a checkpoint and throws `signal.reason`. */
  readonly signal?: AbortSignal;
}

/**
 * What a model says of each row's popularity beyond one number, as it learnt it: nothing has been compared with rows that it
 * did not see. In points of popularity.
 *
 * - `gaussian`: mean and deviation (rows); deviations are above 0, and means may leave 0–100.
 * - `quantiles`: values (rows, levels), row-major, ascending within a row and within 0–100; levels ascending.
 */
export type PredictedDistribution =
  | { readonly kind: 'gaussian'; readonly mean: Float64Array; readonly deviation: Float64Array }
  | { readonly kind: 'quantiles'; readonly levels: readonly number[]; readonly values: Float64Array };

/**
 * What each input adds to one song's prediction along a straight line from a baseline, by the model's own derivatives
 * (integrated gradients). In points of popularity, before clipping.
 */
export interface FeatureAttribution {
  /** Names of the model's inputs: features, and columns of the context. */
  readonly inputs: readonly string[];
  /** (inputs). */
  readonly contributions: Float64Array;
  readonly prediction: number;
  /** The prediction at the baseline. */
  readonly base: number;
  /** The contributions' sum less (prediction − base): of the quadrature and of float32. */
  readonly error: number;
  /** Points on the line at which derivatives were taken. */
  readonly points: number;
}

export interface FittedRegressor {
  readonly name: string;
  /** What it uses beside audio; not there where that is nothing. */
  readonly context?: readonly ContextGroup[];
  /** What `predictDistribution` returns; not there where the model predicts one number a row. */
  readonly distribution?: PredictedDistribution['kind'];
  /** Predicted popularity of the given rows, in their order. */
  predict(tracks: Tracks, rows: Rows): Float64Array;
  /** Null, or not there, where the model predicts one number a row. */
  predictDistribution?(tracks: Tracks, rows: Rows): PredictedDistribution | null;
  /**
   * Not there where a model has no derivatives by its inputs' tokens. The baseline is the mean of the rows' tokens, or, where
   * null, a song of which nothing is known.
   */
  attribute?(
    tracks: Tracks,
    row: number,
    baseline: { readonly tracks: Tracks; readonly rows: Rows } | null,
  ): FeatureAttribution;
  /** All that `loadRegressor` needs to predict the same again, to the bit. */
  save(): SavedModel;
}

/** A way to predict popularity. Encoders, scalers and targets are fitted on the training rows it is given, never on others. */
export interface Regressor<Fitted extends FittedRegressor = FittedRegressor> {
  readonly name: string;
  fit(tracks: Tracks, options: FitOptions): Promise<Fitted>;
}
