/** What a numeric column may hold. */
export interface ColumnRule {
  readonly kind: 'numeric' | 'category';
  readonly minimum: number;
  readonly maximum: number;
  /** The minimum itself is not allowed. */
  readonly exclusiveMinimum?: boolean;
  readonly integer?: boolean;
  /** The number that says "not known". */
  readonly sentinel?: number;
  readonly unit: string;
}

/** A feature of songs, by the name of its column in files. */
export interface Feature extends ColumnRule {
  readonly name: string;
}

/** Which numbers a table has of each song. Plain data. */
export interface Schema {
  /** The columns that models learn from, in the order of their inputs. Names are different from each other and from those of other columns. */
  readonly features: readonly Feature[];
  readonly popularity: ColumnRule;
}

/** The names of a schema's features, in order; those of one kind alone where it is given. */
export function listFeatures({ features }: Schema, kind?: ColumnRule['kind']): readonly string[] {
  return features.filter((feature) => kind === undefined || feature.kind === kind).map(({ name }) => name);
}

/** Throws: RangeError for a name that the schema lacks. */
export function findFeature({ features }: Schema, name: string): Feature {
  const found = features.find((feature) => feature.name === name);
  if (!found) throw new RangeError(`the schema has no feature ${JSON.stringify(name)}`);
  return found;
}

/** The numeric columns of a table: its features and, last, popularity. */
export function listNumericColumns({ features, popularity }: Schema): readonly Feature[] {
  return [...features, { name: 'popularity', ...popularity }];
}

/** A file's columns, in the order in which tables are written; `release_date` follows where a table has it. */
export function listFileColumns(schema: Schema): readonly string[] {
  return ['artist_name', 'track_id', 'track_name', ...listNumericColumns(schema).map(({ name }) => name)];
}

const share = (name: string): Feature => ({ name, kind: 'numeric', minimum: 0, maximum: 1, unit: '0–1' });

/** The 13 audio features of a track in the ranges that Spotify documents, and its popularity; the order is that of the seed's file. */
export const spotifySchema: Schema = {
  features: [
    share('acousticness'),
    share('danceability'),
    {
      name: 'duration_ms',
      kind: 'numeric',
      minimum: 0,
      exclusiveMinimum: true,
      maximum: Number.MAX_SAFE_INTEGER,
      unit: 'ms',
    },
    share('energy'),
    share('instrumentalness'),
    { name: 'key', kind: 'category', minimum: -1, maximum: 11, integer: true, sentinel: -1, unit: 'pitch class' },
    share('liveness'),
    { name: 'loudness', kind: 'numeric', minimum: -60, maximum: 5, unit: 'dB' },
    { name: 'mode', kind: 'category', minimum: 0, maximum: 1, integer: true, unit: '0 minor, 1 major' },
    share('speechiness'),
    { name: 'tempo', kind: 'numeric', minimum: 0, maximum: Number.MAX_VALUE, sentinel: 0, unit: 'beats per minute' },
    {
      name: 'time_signature',
      kind: 'category',
      minimum: 0,
      maximum: 7,
      integer: true,
      sentinel: 0,
      unit: 'beats per bar',
    },
    share('valence'),
  ],
  popularity: { kind: 'numeric', minimum: 0, maximum: 100, unit: '0–100' },
};

/** The names of the 13 audio features. */
export const featureNames = listFeatures(spotifySchema);

/** The seed's 17 columns, in the order of its file. */
export const seedColumns = listFileColumns(spotifySchema);
