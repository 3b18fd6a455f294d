import { randomStream } from '@hitscan/mamba';
import { ConfigError } from '../errors.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { type FeatureName, featureNames } from '../tracks/schema.ts';
import { hasReleaseDates } from '../tracks/split.ts';
import type { Column, Rows, Source, Tracks } from '../tracks/tracks.ts';

/** What of a song can be another song's: an audio feature, who made it (artist, title and id), or its release date. */
export type SongPart = FeatureName | 'artist' | 'release';

/** Rows 0 … count − 1: all rows of a table of so many. */
export function rowsUpTo(count: number): Rows {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

/** No file's hash: a place in a table of changed songs is no place in the file they came from. */
function unplace(source: Source): Source {
  return { ...source, sha256: '' };
}

function takeColumn({ values, missing }: Column, rows: Rows): Column {
  const taken = { values: new Float64Array(rows.length), missing: new Uint8Array(rows.length) };
  for (let i = 0; i < rows.length; i++) {
    taken.values[i] = values[rows[i]];
    taken.missing[i] = missing[rows[i]];
  }
  return taken;
}

function takeTexts(texts: readonly string[], rows: Rows): string[] {
  return Array.from(rows, (row) => texts[row]);
}

function mapFeatures(change: (name: FeatureName) => Column): Tracks['features'] {
  return Object.fromEntries(featureNames.map((name) => [name, change(name)])) as Record<FeatureName, Column>;
}

/**
 * Songs that do not exist: row i has the parts that `moved` names from the row given there, all else from row `base[i]`.
 * Rows may repeat. Shapes: base and all of `moved` (rows of the result).
 */
export function mixSongs(tracks: Tracks, base: Rows, moved: ReadonlyMap<SongPart, Rows> = new Map()): Tracks {
  const rowsOf = (part: SongPart) => moved.get(part) ?? base;
  const artistRows = rowsOf('artist');
  return {
    count: base.length,
    source: unplace(tracks.source),
    trackId: takeTexts(tracks.trackId, artistRows),
    artist: takeTexts(tracks.artist, artistRows),
    title: takeTexts(tracks.title, artistRows),
    features: mapFeatures((name) => takeColumn(tracks.features[name], rowsOf(name))),
    popularity: takeColumn(tracks.popularity, base),
    ...(tracks.releaseDate ? { releaseDate: takeTexts(tracks.releaseDate, rowsOf('release')) } : {}),
    fileRow: base.map((row) => tracks.fileRow[row]),
  };
}

function joinRowNumbers(first: Uint32Array, second: Uint32Array): Uint32Array {
  const joined = new Uint32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** The rows of one table, then those of another. */
export function joinTables(first: Tracks, second: Tracks): Tracks {
  const join = (a: Column, b: Column): Column => {
    const joined = {
      values: new Float64Array(first.count + second.count),
      missing: new Uint8Array(first.count + second.count),
    };
    joined.values.set(a.values);
    joined.values.set(b.values, first.count);
    joined.missing.set(a.missing);
    joined.missing.set(b.missing, first.count);
    return joined;
  };
  const dates = [first, second].map(({ releaseDate, count }) => releaseDate ?? new Array<string>(count).fill(''));
  return {
    count: first.count + second.count,
    source: unplace(first.source),
    trackId: [...first.trackId, ...second.trackId],
    artist: [...first.artist, ...second.artist],
    title: [...first.title, ...second.title],
    features: mapFeatures((name) => join(first.features[name], second.features[name])),
    popularity: join(first.popularity, second.popularity),
    ...(first.releaseDate || second.releaseDate ? { releaseDate: dates.flat() } : {}),
    fileRow: joinRowNumbers(first.fileRow, second.fileRow),
  };
}

/** The same songs with other values of some features; NaN is missing. Shapes: values (rows of the table). */
export function setFeatures(tracks: Tracks, changes: ReadonlyMap<FeatureName, Float64Array>): Tracks {
  const features = mapFeatures((name) => {
    const values = changes.get(name);
    if (!values) return tracks.features[name];
    return { values, missing: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)) };
  });
  return { ...tracks, features };
}

/** A song's value of a feature; null where it is missing. */
export function readFeature(tracks: Tracks, row: number, feature: FeatureName): number | null {
  const { values, missing } = tracks.features[feature];
  return missing[row] ? null : values[row];
}

/** A table of songs and what a model predicts for each. */
export interface PredictedSongs {
  readonly tracks: Tracks;
  /** (rows of the table), in points of popularity. */
  readonly predicted: Float64Array;
}

/** Predictions for all rows of a table. */
export function predictAll(fitted: FittedRegressor, tracks: Tracks): Float64Array {
  return fitted.predict(tracks, rowsUpTo(tracks.count));
}

/**
 * Whether a model with this context can be explained on these songs: not where it reads the era from places in the file, since
 * an altered song has none.
 */
export function canExplain(tracks: Tracks, context: readonly string[]): boolean {
  return !context.includes('era') || hasReleaseDates(tracks);
}

/**
 * The given rows as a table of their own, from which changed songs can be made.
 * Throws: RangeError for no rows; ConfigError for a model that reads places in a file (see `canExplain`).
 */
export function takeSongs(fitted: FittedRegressor, tracks: Tracks, rows: Rows): PredictedSongs {
  if (rows.length === 0) throw new RangeError('explanation: needs at least one song, got 0');
  const taken = mixSongs(tracks, rows);
  const predicted = predictAll(fitted, taken);
  // A prediction does not depend on the rows beside it, so that one is enough.
  const [original] = fitted.predict(tracks, rows.subarray(0, 1));
  if (original !== predicted[0]) {
    throw new ConfigError(
      'context',
      `must not be a place in a file to explain "${fitted.name}": no changed song has one`,
    );
  }
  return { tracks: taken, predicted };
}

/** At most `most` of the rows, drawn without replacement, ascending. `purpose` names the stream of random numbers. */
export function sampleRows(rows: Rows, most: number, seed: number, purpose: string): Rows {
  if (rows.length <= most) return rows;
  const order = rows.slice();
  randomStream(seed, purpose).shuffle(order);
  return order.slice(0, most).sort();
}
