import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { SavedModel } from './regressor.ts';

export interface ClassifierOptions {
  readonly seed: number;
  /** Songs of at least this popularity are hits. */
  readonly cutoff: number;
  readonly train: Rows;
  /** Models that need none add them to the training rows. */
  readonly validation: Rows;
}

export interface FittedClassifier {
  readonly name: string;
  readonly cutoff: number;
  /** The probability that each of the given rows is a hit, in their order; within 0–1. */
  predictProbability(tracks: Tracks, rows: Rows): Float64Array;
  save(): SavedModel;
}

/** A way to tell hits from other songs. Encoders are fitted on the training rows it is given, never on others. */
export interface Classifier<Fitted extends FittedClassifier = FittedClassifier> {
  readonly name: string;
  fit(tracks: Tracks, options: ClassifierOptions): Promise<Fitted>;
  /** The inverse of `Fitted.save`. */
  load(saved: SavedModel): Fitted;
}
