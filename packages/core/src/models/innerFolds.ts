import { cutFolds, type Fold } from '../tracks/folds.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** Folds of the training rows by which a model chooses its own settings. */
const innerFolds = 5;

/**
 * Cuts training rows, repeats of a song kept together, for a choice inside a fit.
 * Throws: DataError where there are fewer than five songs.
 */
export function cutInnerFolds(tracks: Tracks, rows: Rows, seed: number): readonly Fold[] {
  return cutFolds(tracks, rows, { kind: 'random', folds: innerFolds, seed });
}
