import { createHash } from 'node:crypto';
import { type RandomStream, randomStream } from '@hitscan/mamba';
import { featureNames } from './schema.ts';
import type { Column, Tracks } from './tracks.ts';
import statistics from './twin.json' with { type: 'json' };
import { nameArtist, nameTitle, nameTrack } from './twinNames.ts';
import { formatTracks } from './writeCsv.ts';

/** What is known of the real table: statistics of columns and of how they go together, no row. */
export interface TwinStatistics {
  /** Quantiles of each numeric feature, at `quantileShares`. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
  /** Values and their shares of each categorical feature. */
  readonly shares: Readonly<Record<string, { readonly values: readonly number[]; readonly shares: readonly number[] }>>;
  readonly popularity: readonly number[];
  /** By feature and era: the mean of the feature's normal score. */
  readonly drift: readonly (readonly number[])[];
  /** Lower triangle of the Cholesky factor of the features' covariance within an era. */
  readonly factor: readonly (readonly number[])[];
  /** By era: the mean of popularity's normal score. */
  readonly eraPopularity: readonly number[];
  /** By feature: what a unit of its deviation from the era adds to popularity's normal score. */
  readonly slopes: readonly number[];
  /** By feature: what its squared standardised deviation, less 1, adds. */
  readonly bends: readonly number[];
  /** Deviations of an artist's level and of a song's own. */
  readonly artistDeviation: number;
  readonly noiseDeviation: number;
  /** [songs, number of artists with so many]. */
  readonly artistSizes: readonly (readonly number[])[];
  /** Deviation of the places of an artist's songs in the file, as a share of its length. */
  readonly artistSpread: number;
  /** Rows that repeat an artist and title. */
  readonly repeats: number;
}

/** Points of the quantile tables, as shares of the rows: closer at both ends, where columns have long tails. */
export const quantileShares: readonly number[] = [
  ...[0, 0.0005, 0.001, 0.002, 0.004, 0.008],
  ...Array.from({ length: 63 }, (_, j) => (j + 1) / 64),
  ...[0.992, 0.996, 0.998, 0.999, 0.9995, 1],
];

/** Playlists in the file: one of each year, newest first. */
export const eraCount = 51;

/** The era of a row, 0 newest. */
export function eraOf(row: number, count: number): number {
  return Math.floor((row * eraCount) / count);
}

/**
 * The standard normal quantile. Source: Acklam's rational approximation, relative error below 1.2e-9.
 * `p` strictly between 0 and 1.
 */
export function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const evaluate = (coefficients: readonly number[], x: number) => coefficients.reduce((sum, k) => sum * x + k, 0);
  const tail = 0.02425;
  if (p > 1 - tail) return -normalQuantile(1 - p);
  if (p >= tail) {
    const q = p - 0.5;
    return (evaluate(a, q * q) * q) / evaluate(b, q * q);
  }
  const q = Math.sqrt(-2 * Math.log(p));
  return evaluate(c, q) / evaluate(d, q);
}

/** Ranks as shares strictly between 0 and 1; equal values share their mean rank. */
function rankShares(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const shares = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) shares[order[i]] = (from + to) / 2 / order.length;
    from = to;
  }
  return shares;
}

/** Normal scores: the quantiles that values of these ranks would have if they were normal. */
export function rankScores(values: Float64Array): Float64Array {
  return rankShares(values).map(normalQuantile);
}

function lookUpQuantile(table: readonly number[], share: number): number {
  let above = 1;
  while (above < quantileShares.length - 1 && quantileShares[above] <= share) above++;
  const from = quantileShares[above - 1];
  const part = (share - from) / (quantileShares[above] - from);
  return table[above - 1] + part * (table[above] - table[above - 1]);
}

function lookUpCategory({ values, shares }: { values: readonly number[]; shares: readonly number[] }, share: number) {
  let sum = 0;
  for (let i = 0; i < values.length - 1; i++) {
    sum += shares[i];
    if (share < sum) return values[i];
  }
  return values[values.length - 1];
}

/** Significant digits, and decimals, to which Spotify gives a feature. */
function roundFeature(name: string, value: number): number {
  if (name === 'duration_ms') return Math.round(value);
  if (name === 'tempo' || name === 'loudness') return Number(value.toFixed(3));
  return Number(value.toPrecision(3));
}

/** As many artists as it takes for the rows, sizes drawn from the real table's: the artist of each song, unordered. */
function drawArtists({ artistSizes }: TwinStatistics, rows: number, random: RandomStream): Uint32Array {
  const sizes = Uint32Array.from(artistSizes.flatMap(([size, count]) => new Array<number>(count).fill(size)));
  const artists = new Uint32Array(rows);
  let row = 0;
  for (let artist = 0; row < rows; artist++) {
    // Each size comes as often as in the real table before any comes again.
    if (artist % sizes.length === 0) random.shuffle(sizes);
    for (let song = 0; song < sizes[artist % sizes.length] && row < rows; song++) artists[row++] = artist;
  }
  return artists;
}

/** An artist's songs lie around one place of the file; places, put in order, are the rows. */
function placeSongs({ artistSpread }: TwinStatistics, artists: Uint32Array, random: RandomStream): Uint32Array {
  const centres = new Map<number, number>();
  const places = Float64Array.from(artists, (artist) => {
    const centre = centres.get(artist) ?? random.uniform();
    centres.set(artist, centre);
    const place = centre + artistSpread * random.normal();
    // Reflected at both ends, so that eras stay equally full.
    const folded = Math.abs(place) % 2;
    return folded > 1 ? 2 - folded : folded;
  });
  const order = Uint32Array.from(places.keys()).sort((a, b) => places[a] - places[b]);
  return order.map((song) => artists[song]);
}

/** Each feature's deviation from its era, by rows of 13. */
function drawDeviations({ factor }: TwinStatistics, rows: number, random: RandomStream): Float64Array[] {
  const deviations = featureNames.map(() => new Float64Array(rows));
  const independent = new Float64Array(featureNames.length);
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < independent.length; f++) independent[f] = random.normal();
    factor.forEach((weights, f) => {
      deviations[f][row] = weights.reduce((sum, weight, j) => sum + weight * independent[j], 0);
    });
  }
  return deviations;
}

function drawPopularity(
  twin: TwinStatistics,
  deviations: readonly Float64Array[],
  artists: Uint32Array,
  random: RandomStream,
): Float64Array {
  const rows = artists.length;
  const scales = twin.factor.map((weights) => Math.hypot(...weights));
  const levels = new Map<number, number>();
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const artist = artists[row];
    const level = levels.get(artist) ?? twin.artistDeviation * random.normal();
    levels.set(artist, level);
    let score = twin.eraPopularity[eraOf(row, rows)] + level + twin.noiseDeviation * random.normal();
    deviations.forEach((values, f) => {
      score += twin.slopes[f] * values[row] + twin.bends[f] * ((values[row] / scales[f]) ** 2 - 1);
    });
    scores[row] = score;
  }
  return rankShares(scores).map((share) => Math.round(lookUpQuantile(twin.popularity, share)));
}

/** Rows in the order of the file: eras as they are, within each the most popular first. */
function orderRows(popularity: Float64Array): Uint32Array {
  const rows = popularity.length;
  return Uint32Array.from(popularity.keys()).sort(
    (a, b) => eraOf(a, rows) - eraOf(b, rows) || popularity[b] - popularity[a] || a - b,
  );
}

function toColumn(values: Float64Array): Column {
  return { values, missing: new Uint8Array(values.length) };
}

/**
 * Draws the synthetic twin: made-up songs, by made-up artists, whose columns, correlations, eras and popularity behave
 * like those of a real table of hits. No row of it is a real song. The same rows and seed give the same bytes.
 *
 * A Gaussian copula: each feature is its era's mean plus correlated noise, popularity the era's mean plus what the
 * features, the artist and chance add; ranks are then looked up in the real columns' quantiles.
 */
export function generateTwin({ rows = 4771, seed = 2024 }: { rows?: number; seed?: number } = {}): Tracks {
  const twin: TwinStatistics = statistics;
  const stream = (purpose: string) => randomStream(seed, `twin ${purpose}`);
  const artists = placeSongs(twin, drawArtists(twin, rows, stream('artists')), stream('places'));
  const deviations = drawDeviations(twin, rows, stream('features'));
  const popularity = drawPopularity(twin, deviations, artists, stream('popularity'));
  const order = orderRows(popularity);
  const features = Object.fromEntries(
    featureNames.map((name, f) => {
      const scores = deviations[f].map((deviation, row) => {
        return deviation + twin.drift[f][eraOf(row, rows)];
      });
      const shares = rankShares(scores);
      const category = twin.shares[name];
      const value = (share: number) =>
        category ? lookUpCategory(category, share) : roundFeature(name, lookUpQuantile(twin.quantiles[name], share));
      return [name, toColumn(Float64Array.from(order, (row) => value(shares[row])))];
    }),
  ) as Tracks['features'];
  const titles = stream('titles');
  const artistNames = Array.from(order, (row) => nameArtist(artists[row]));
  const title = artistNames.map((_, i) => nameTitle(i, titles));
  repeatTitles(twin, artistNames, title);
  const ids = stream('ids');
  const trackId = artistNames.map(() => nameTrack(ids));
  const table: Tracks = {
    count: rows,
    source: { name: 'synthetic twin', synthetic: true, sha256: '' },
    trackId,
    artist: artistNames,
    title,
    features,
    popularity: toColumn(Float64Array.from(order, (row) => popularity[row])),
    fileRow: Uint32Array.from({ length: rows }, (_, i) => i + 2),
  };
  const sha256 = createHash('sha256').update(formatTracks(table)).digest('hex');
  return { ...table, source: { ...table.source, sha256 } };
}

/** Gives some songs the title of an earlier song of their artist, in proportion to the real table's repeats. */
function repeatTitles({ repeats, artistSizes }: TwinStatistics, artists: readonly string[], titles: string[]): void {
  const real = artistSizes.reduce((sum, [size, count]) => sum + size * count, 0);
  let wanted = Math.round((repeats * artists.length) / real);
  const seen = new Map<string, string>();
  const every = Math.max(1, Math.floor(artists.length / Math.max(1, 2 * wanted)));
  for (let i = 0; i < artists.length && wanted > 0; i++) {
    const earlier = seen.get(artists[i]);
    if (earlier !== undefined && i % every === 0) {
      titles[i] = earlier;
      wanted--;
    } else seen.set(artists[i], titles[i]);
  }
}
