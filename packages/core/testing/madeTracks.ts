import { listFeatures, type Schema, spotifySchema } from '../src/tracks/schema.ts';
import type { Column, Tracks } from '../src/tracks/tracks.ts';

/** For tests: a table from values by row, the schema's features in order; NaN stands for missing. */
export function makeTracks(
  features: readonly ArrayLike<number>[],
  popularity: ArrayLike<number>,
  schema: Schema = spotifySchema,
): Tracks {
  const count = popularity.length;
  const makeColumn = (read: (row: number) => number): Column => {
    const values = Float64Array.from({ length: count }, (_, row) => read(row));
    return { values, missing: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)) };
  };
  const columns = listFeatures(schema).map((name, j) => [name, makeColumn((row) => features[row][j])] as const);
  const empty = new Array<string>(count).fill('');
  return {
    count,
    schema,
    source: { name: 'made.csv', synthetic: false, sha256: '0'.repeat(64) },
    trackId: empty,
    artist: empty,
    title: empty,
    features: Object.fromEntries(columns),
    popularity: makeColumn((row) => popularity[row]),
    fileRow: Uint32Array.from({ length: count }, (_, row) => row + 2),
  };
}

/** For tests: a table of songs of which names, ids and dates are known, and nothing of how they sound. */
export function makeNamedTracks(
  songs: readonly { id?: string; artist?: string; title?: string; date?: string }[],
  dated = false,
): Tracks {
  const unknown = spotifySchema.features.map(() => Number.NaN);
  const tracks = makeTracks(
    songs.map(() => unknown),
    songs.map(() => 0),
  );
  return {
    ...tracks,
    trackId: songs.map(({ id = '' }) => id),
    artist: songs.map(({ artist = '' }) => artist),
    title: songs.map(({ title = '' }) => title),
    ...(dated ? { releaseDate: songs.map(({ date = '' }) => date) } : {}),
  };
}

/** For tests: uniform numbers in [0, 1) from a seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
