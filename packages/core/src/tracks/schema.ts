/** The 13 audio features of a track, in the seed's column order; the names are the columns' names in files. */
export const featureNames = [
  'acousticness',
  'danceability',
  'duration_ms',
  'energy',
  'instrumentalness',
  'key',
  'liveness',
  'loudness',
  'mode',
  'speechiness',
  'tempo',
  'time_signature',
  'valence',
] as const;

export type FeatureName = (typeof featureNames)[number];

/** What a numeric column may hold. `sentinel` is the value by which Spotify says "not known". */
export interface ColumnRule {
  readonly kind: 'numeric' | 'category';
  readonly minimum: number;
  readonly maximum: number;
  /** The minimum itself is not allowed. */
  readonly exclusiveMinimum?: boolean;
  readonly integer?: boolean;
  readonly sentinel?: number;
  readonly unit: string;
}

const share: ColumnRule = { kind: 'numeric', minimum: 0, maximum: 1, unit: '0–1' };

/** Ranges as Spotify documents them for its audio features. */
export const featureRules: Readonly<Record<FeatureName, ColumnRule>> = {
  acousticness: share,
  danceability: share,
  duration_ms: { kind: 'numeric', minimum: 0, exclusiveMinimum: true, maximum: Number.MAX_SAFE_INTEGER, unit: 'ms' },
  energy: share,
  instrumentalness: share,
  key: { kind: 'category', minimum: -1, maximum: 11, integer: true, sentinel: -1, unit: 'pitch class' },
  liveness: share,
  loudness: { kind: 'numeric', minimum: -60, maximum: 5, unit: 'dB' },
  mode: { kind: 'category', minimum: 0, maximum: 1, integer: true, unit: '0 minor, 1 major' },
  speechiness: share,
  tempo: { kind: 'numeric', minimum: 0, maximum: Number.MAX_VALUE, sentinel: 0, unit: 'beats per minute' },
  time_signature: { kind: 'category', minimum: 0, maximum: 7, integer: true, sentinel: 0, unit: 'beats per bar' },
  valence: share,
};

export const popularityRule: ColumnRule = { kind: 'numeric', minimum: 0, maximum: 100, unit: '0–100' };

/** The seed's 17 columns, in the order of its file. */
export const seedColumns = ['artist_name', 'track_id', 'track_name', ...featureNames, 'popularity'] as const;
