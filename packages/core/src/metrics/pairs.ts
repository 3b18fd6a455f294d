import type { Rows, Tracks } from '../tracks/tracks.ts';

/** Popularity of the given rows, all of them known. */
export function actualOf(tracks: Tracks, rows: Rows): Float64Array {
  return Float64Array.from(rows, (row) => tracks.popularity.values[row]);
}

/**
 * Refuses actual values and predictions that cannot be compared; `where` names the caller.
 * Throws: RangeError for no rows, unequal lengths or a value that is not finite.
 */
export function checkPairs(where: string, actual: Float64Array, predicted: Float64Array): void {
  if (actual.length === 0) throw new RangeError(`${where}: needs at least one row, got 0`);
  if (predicted.length !== actual.length) {
    throw new RangeError(`${where}: predicted must hold ${actual.length} values, got ${predicted.length}`);
  }
  for (let i = 0; i < actual.length; i++) {
    if (!Number.isFinite(actual[i])) throw new RangeError(`${where}: actual[${i}] must be finite, got ${actual[i]}`);
    if (!Number.isFinite(predicted[i])) {
      throw new RangeError(`${where}: predicted[${i}] must be finite, got ${predicted[i]}`);
    }
  }
}

/** Throws: RangeError for a value outside 0 to 1; `where` names the caller. */
export function checkProbabilities(where: string, probabilities: Float64Array): void {
  const bad = probabilities.findIndex((value) => value < 0 || value > 1);
  if (bad >= 0) {
    throw new RangeError(`${where}: a probability must be between 0 and 1, got ${probabilities[bad]} in row ${bad}`);
  }
}
