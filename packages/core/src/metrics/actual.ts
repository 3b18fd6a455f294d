import type { Rows, Tracks } from '../tracks/tracks.ts';

/** Popularity of the given rows, all of them known. */
export function actualOf(tracks: Tracks, rows: Rows): Float64Array {
  return Float64Array.from(rows, (row) => tracks.popularity.values[row]);
}
