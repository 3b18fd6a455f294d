import statistics from './twin.json' with { type: 'json' };

/** What is known of the real table: statistics of its columns and of how they go together; no row, no name. */
export interface TwinStatistics {
  /** Quantiles of each numeric feature at `quantileShare`. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
  /** Values and their shares of each categorical feature. */
  readonly shares: Readonly<Record<string, { readonly values: readonly number[]; readonly shares: readonly number[] }>>;
  /** One entry a playlist, newest first. */
  readonly playlists: {
    readonly rows: readonly number[];
    /** Quantiles of popularity in the playlist, at `quantileShare`. */
    readonly popularity: readonly (readonly number[])[];
    /** Correlation of a song's standing with the level of its place: 1 is sorted by popularity, 0 is no order. */
    readonly order: readonly number[];
  };
  /** By feature: a polynomial in the era for the mean of its normal score. */
  readonly drift: readonly (readonly number[])[];
  /** By feature: a polynomial in the era for the logarithm of its scores' deviation about that mean. */
  readonly spread: readonly (readonly number[])[];
  /** Rows of the lower Cholesky factor of the correlations that features have within an era. */
  readonly factor: readonly (readonly number[])[];
  /**
   * By feature: what its standardised deviation from the era adds to popularity's standing in its playlist, a normal
   * score, and what its square less 1 adds.
   */
  readonly slopes: readonly number[];
  readonly bends: readonly number[];
  /** Deviation of what features leave of that standing. */
  readonly noise: number;
  readonly artists: {
    /** [songs, number of artists with so many]. */
    readonly sizes: readonly (readonly [songs: number, artists: number])[];
    /** Deviation of the places of an artist's songs about their centre, as a share of the file. */
    readonly spread: number;
    /** Correlation of the features of an artist's songs. */
    readonly featureShare: number;
    /** What a unit of the logarithm of an artist's songs adds to what features leave of the standing, as a share of the rest. */
    readonly songsSlope: number;
    /** Correlation of that rest between an artist's songs. */
    readonly noiseShare: number;
  };
  /** Rows that repeat an earlier artist and title. */
  readonly repeats: number;
}

export const twinStatistics = statistics as unknown as TwinStatistics;

/** Terms of a polynomial in the era. */
export function eraPowers(playlist: number, playlists: number, terms: number): number[] {
  const era = (2 * playlist) / (playlists - 1) - 1;
  return Array.from({ length: terms }, (_, k) => era ** k);
}

/**
 * The share of the rows below point `j` of a quantile table. Points lie close at both ends, where one song in a
 * thousand decides on a column's deviation: with even spacing the tails would reach evenly to the extremes.
 */
export function quantileShare(j: number, points: number): number {
  return (1 - Math.cos((Math.PI * j) / (points - 1))) / 2;
}

function lookUpQuantile(table: readonly number[], share: number): number {
  const last = table.length - 1;
  const below = Math.min(last - 1, Math.floor((Math.acos(1 - 2 * share) * last) / Math.PI));
  const from = quantileShare(below, table.length);
  const to = quantileShare(below + 1, table.length);
  return table[below] + ((share - from) / (to - from)) * (table[below + 1] - table[below]);
}

/** The value of a feature at a share of its distribution, rounded as Spotify rounds it. */
export function lookUpFeature({ quantiles, shares }: TwinStatistics, name: string, share: number): number {
  const category = shares[name];
  if (category) {
    const { values, shares: parts } = category;
    let sum = 0;
    for (let i = 0; i < values.length - 1; i++) {
      sum += parts[i];
      if (share < sum) return values[i];
    }
    return values[values.length - 1];
  }
  const value = lookUpQuantile(quantiles[name], share);
  if (name === 'duration_ms') return Math.round(value);
  return Number(name === 'tempo' || name === 'loudness' ? value.toFixed(3) : value.toPrecision(3));
}

/** The popularity at a share of a playlist's distribution. */
export function lookUpPopularity({ playlists }: TwinStatistics, playlist: number, share: number): number {
  return Math.round(lookUpQuantile(playlists.popularity[playlist], share));
}
