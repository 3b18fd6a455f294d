import { DataError } from '../errors.ts';
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
