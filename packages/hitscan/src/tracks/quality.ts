import { groupArtists, groupRecordings } from './repeats.ts';
import { featureNames } from './schema.ts';
import type { Column, Tracks } from './tracks.ts';

/** One numeric column in figures. Null where it has no value at all. */
export interface ColumnQuality {
  /** Rows without a value, those with a sentinel included. */
  readonly missing: number;
  /** Rows in which the file had Spotify's number for "not known". */
  readonly sentinels: number;
  readonly minimum: number | null;
  readonly median: number | null;
  readonly maximum: number | null;
}

/** What can be said about a table before any model sees it. Plain JSON. */
export interface Quality {
  readonly rows: number;
  /** The 13 features and popularity, by column name. */
  readonly columns: Readonly<Record<string, ColumnQuality>>;
  /** Rows that are the same recording as an earlier one. */
  readonly repeats: number;
  readonly artists: number;
  /** Popularity 0 is seldom a true figure: often a removed or replaced release. */
  readonly popularityZeros: number;
  /** Columns of the file that hitscan does not use. */
  readonly ignoredColumns: readonly string[];
  /** Sentences for people. */
  readonly notes: readonly string[];
}

function describeColumn({ values, missing }: Column, sentinels: number): ColumnQuality {
  const known = values.filter((_, row) => !missing[row]).sort();
  const { length } = known;
  const [low, high] = [known[(length - 1) >> 1], known[length >> 1]];
  const empty = length === 0;
  return {
    missing: values.length - length,
    sentinels,
    minimum: empty ? null : known[0],
    // The sum of the two may be beyond what a number can hold.
    median: empty ? null : Number.isFinite(low + high) ? (low + high) / 2 : low / 2 + high / 2,
    maximum: empty ? null : known[length - 1],
  };
}

function countDistinct(groups: Uint32Array): number {
  return new Set(groups).size;
}

/** Counts what is missing, out of the ordinary or repeated. `sentinels` are counted by whoever read the file. */
export function describeQuality(
  tracks: Tracks,
  {
    sentinels = new Map(),
    ignoredColumns = [],
  }: {
    readonly sentinels?: ReadonlyMap<string, number>;
    readonly ignoredColumns?: readonly string[];
  } = {},
): Quality {
  const { count, features, popularity, trackId, artist, title } = tracks;
  const columns = { ...features, popularity };
  const described = [...featureNames, 'popularity' as const].map(
    (name) => [name, describeColumn(columns[name], sentinels.get(name) ?? 0)] as const,
  );
  const nameless = artist.every((name) => name === '') || title.every((name) => name === '');
  const notes: string[] = [];
  if (nameless && trackId.every((id) => id === '')) {
    notes.push('The table has neither track ids nor artists with titles: repeats of a recording cannot be recognised.');
  }
  return {
    rows: count,
    columns: Object.fromEntries(described),
    repeats: count - countDistinct(groupRecordings(tracks)),
    artists: artist.every((name) => name === '') ? 0 : countDistinct(groupArtists(tracks)),
    popularityZeros: popularity.values.filter((value, row) => value === 0 && !popularity.missing[row]).length,
    ignoredColumns,
    notes,
  };
}
