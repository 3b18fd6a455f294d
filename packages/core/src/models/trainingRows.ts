import { DataError } from '../errors.ts';
import { cutFolds, type Fold } from '../tracks/folds.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** Training and validation rows as one ascending list, for models that need no early stopping. */
export function joinRows(train: Rows, validation: Rows): Rows {
  const joined = new Uint32Array(train.length + validation.length);
  joined.set(train);
  joined.set(validation, train.length);
  return joined.sort();
}

/**
 * The popularity of the given rows, in their order.
 * Throws: DataError for no rows, or for a row whose popularity is not known.
 */
export function gatherPopularity(tracks: Tracks, rows: Rows): Float64Array {
  const { values, missing } = tracks.popularity;
  if (rows.length === 0) throw new DataError(tracks.source.name, 'training needs at least one row, got 0');
  return Float64Array.from(rows, (row) => {
    if (missing[row]) {
      const where = `${tracks.source.name}:${tracks.fileRow[row]}`;
      throw new DataError(where, 'popularity must be known in a training row, got none');
    }
    return values[row];
  });
}

/** Folds of the training rows by which a model chooses its own settings. */
const innerFolds = 5;

/**
 * Cuts training rows, repeats of a song kept together, for a choice inside a fit.
 * Throws: DataError where there are fewer than five songs.
 */
export function cutInnerFolds(tracks: Tracks, rows: Rows, seed: number): readonly Fold[] {
  return cutFolds(tracks, rows, { kind: 'random', folds: innerFolds, seed });
}
