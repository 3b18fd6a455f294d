import { findUnit } from '../features/standardise.ts';
import { actualOf } from '../metrics/pairs.ts';
import { leastSquares } from '../statistics/leastSquares.ts';
import { average, pearsonCorrelation, sumProducts, sumSquaredDeviations, variance } from '../statistics/moments.ts';
import { cutFolds } from '../tracks/folds.ts';
import { firstRows, groupRecordings } from '../tracks/repeats.ts';
import { type FeatureName, featureNames } from '../tracks/schema.ts';
import { hasReleaseDates } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** How well the place of a row in its file predicts its popularity. */
export interface RowOrder {
  /** Correlation of each row's popularity with the next row's; null where popularity is constant. Near 0 in shuffled files. */
  readonly autocorrelation: number | null;
  /** R² of predicting held-out rows by the mean of the training rows in the same of so many equal blocks of the file. */
  readonly blocks: readonly { readonly count: number; readonly r2: number | null }[];
  /** R² of predicting held-out rows by the mean of the two training rows nearest in the file, one on either side. */
  readonly neighbours: number | null;
}

/** Where nothing is known of it. */
export const noRowOrder: RowOrder = { autocorrelation: null, blocks: [], neighbours: null };

/** Numbers of blocks that are tried: ten is as fine as any model is allowed to see. */
const blockCounts = [10, 51, 200] as const;

const folds = 5;

function autocorrelate(values: Float64Array): number | null {
  const [earlier, later] = [values.subarray(0, -1), values.subarray(1)];
  if (earlier.length < 2) return null;
  const spread = Math.sqrt(sumSquaredDeviations(earlier) * sumSquaredDeviations(later));
  return spread === 0 ? null : sumProducts(earlier, later) / spread;
}

/** Each held-out row by the mean of its block's training rows, or of all where the block has none. */
function predictByBlock(tracks: Tracks, train: Rows, heldOut: Rows, count: number): Float64Array {
  const blockOf = (row: number) => Math.floor((row * count) / tracks.count);
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (const row of train) {
    sums[blockOf(row)] += tracks.popularity.values[row];
    counts[blockOf(row)]++;
  }
  const mean = average(actualOf(tracks, train));
  return Float64Array.from(heldOut, (row) => {
    const block = blockOf(row);
    return counts[block] > 0 ? sums[block] / counts[block] : mean;
  });
}

/** Each held-out row by the training rows just before and just after it; both lists ascend. */
function predictByNeighbours(tracks: Tracks, train: Rows, heldOut: Rows): Float64Array {
  let next = 0;
  return Float64Array.from(heldOut, (row) => {
    while (next < train.length && train[next] < row) next++;
    const beside = [train[next - 1], train[next]].filter((neighbour) => neighbour !== undefined);
    return average(Float64Array.from(beside, (neighbour) => tracks.popularity.values[neighbour]));
  });
}

/**
 * Measures the leak that a file's order is: rows sorted by popularity, or by a year and within it by popularity, let a
 * model that knows the place of a row predict its popularity from its neighbours. Rows are held out in five random folds;
 * a recording counts once.
 * Throws: DataError for fewer than five songs.
 */
export function measureRowOrder(tracks: Tracks, seed: number): RowOrder {
  const rows = firstRows(tracks).filter((row) => tracks.popularity.missing[row] === 0);
  const cuts = cutFolds(tracks, rows, { kind: 'random', folds, seed });
  const explain = (predict: (train: Rows, heldOut: Rows) => Float64Array): number | null => {
    let errors = 0;
    for (const { train, heldOut } of cuts) {
      const predicted = predict(train, heldOut);
      heldOut.forEach((row, i) => {
        errors += (predicted[i] - tracks.popularity.values[row]) ** 2;
      });
    }
    const total = sumSquaredDeviations(actualOf(tracks, rows));
    return total === 0 ? null : 1 - errors / total;
  };
  return {
    autocorrelation: autocorrelate(actualOf(tracks, rows)),
    blocks: blockCounts.map((count) => ({
      count,
      r2: explain((train, heldOut) => predictByBlock(tracks, train, heldOut, count)),
    })),
    neighbours: explain((train, heldOut) => predictByNeighbours(tracks, train, heldOut)),
  };
}

/** One feature's Pearson correlations, over the rows where it is known. −1 to 1; null where a side is constant. */
export interface EraCorrelation {
  readonly feature: FeatureName;
  readonly withPopularity: number | null;
  readonly withEra: number | null;
  /** With popularity, after a cubic in the era has been taken out of both. */
  readonly withPopularityGivenEra: number | null;
}

/** Correlations of features with popularity, with the era, and with popularity given the era. */
export interface EraCorrelations {
  /** What the era was read from: dates where nearly all rows have one, else the place in the file, first rows newest. */
  readonly era: 'release date' | 'row order';
  /** Share of the variance of popularity that a cubic in the era accounts for, on the rows it was fitted to. */
  readonly eraR2: number | null;
  readonly features: readonly EraCorrelation[];
}

/** Where nothing is known of them. */
export const noEraCorrelations: EraCorrelations = { era: 'row order', eraR2: null, features: [] };

/** The degree of the curve in the era. */
const degree = 3;

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as years with a fraction, in the middle of what is not said. */
function toYears(date: string): number {
  const [year, month, day] = date.split('-').map(Number);
  return date === '' ? Number.NaN : year + ((month ?? 7) - 1) / 12 + ((day ?? 15) - 1) / 365;
}

function readEra(tracks: Tracks): { era: EraCorrelations['era']; values: Float64Array } {
  if (tracks.releaseDate && hasReleaseDates(tracks))
    return { era: 'release date', values: Float64Array.from(tracks.releaseDate, toYears) };
  // Upwards to the present, as dates go.
  return { era: 'row order', values: Float64Array.from({ length: tracks.count }, (_, row) => -row) };
}

/** What rounding leaves of a column that the era explains wholly has no direction. */
const rounding = 1e-9;

/** Residuals of values after regression on a cubic in the era. */
function takeResiduals(era: Float64Array, values: Float64Array): Float64Array {
  const middle = average(era);
  const reach = era.reduce((most, value) => Math.max(most, Math.abs(value - middle)), 0) || 1;
  const powers = new Float64Array(era.length * degree);
  era.forEach((value, i) => {
    for (let k = 0; k < degree; k++) powers[i * degree + k] = ((value - middle) / reach) ** (k + 1);
  });
  const { intercept, coefficients } = leastSquares(powers, era.length, degree, values);
  return values.map((value, i) => {
    let fitted = intercept;
    for (let k = 0; k < degree; k++) fitted += coefficients[k] * powers[i * degree + k];
    return value - fitted;
  });
}

/**
 * Correlates every feature with popularity and with the era, and with popularity given the era. Where a feature's
 * correlation with popularity all but disappears once the era is known, it stood for the era and not for the song. A recording
 * counts once.
 */
export function correlateWithEra(tracks: Tracks): EraCorrelations {
  const { era, values: eras } = readEra(tracks);
  const { popularity } = tracks;
  const labelled = firstRows(tracks).filter((row) => popularity.missing[row] === 0 && !Number.isNaN(eras[row]));
  const read = (values: Float64Array, rows: Rows) => Float64Array.from(rows, (row) => values[row]);
  const features = featureNames.map((feature): EraCorrelation => {
    const column = tracks.features[feature];
    const rows = labelled.filter((row) => column.missing[row] === 0);
    if (rows.length <= degree + 1)
      return { feature, withPopularity: null, withEra: null, withPopularityGivenEra: null };
    const [x, y, t] = [column.values, popularity.values, eras].map((values) => read(values, rows));
    // A correlation has no unit.
    const unit = findUnit(x);
    x.forEach((value, i) => {
      x[i] = value / unit;
    });
    return {
      feature,
      withPopularity: pearsonCorrelation(x, y, rounding),
      withEra: pearsonCorrelation(x, t, rounding),
      withPopularityGivenEra: pearsonCorrelation(takeResiduals(t, x), takeResiduals(t, y), rounding),
    };
  });
  const [y, t] = [read(popularity.values, labelled), read(eras, labelled)];
  const total = sumSquaredDeviations(y);
  const eraR2 =
    labelled.length > degree + 1 && total > 0 ? 1 - sumSquaredDeviations(takeResiduals(t, y)) / total : null;
  return { era, eraR2, features };
}

/** Label noise: how far rows of one recording differ in popularity, which no model of the music can predict. */
export interface LabelNoise {
  /** Recordings with several rows, and these rows. */
  readonly recordings: number;
  readonly rows: number;
  /** Variance of popularity within a recording, in squared points; null where no recording has two rows. */
  readonly variance: number | null;
  /** The noise ceiling, 1 − that over the variance of all rows: the largest R² possible if every song has this variance. */
  readonly ceiling: number | null;
}

/** Where nothing is known of it. */
export const noLabelNoise: LabelNoise = { recordings: 0, rows: 0, variance: null, ceiling: null };

/** Compares the popularity of repeats: the same recording on several albums, or in a list several times. */
export function measureLabelNoise(tracks: Tracks): LabelNoise {
  const { values, missing } = tracks.popularity;
  const groups = new Map<number, number[]>();
  groupRecordings(tracks).forEach((group, row) => {
    if (missing[row]) return;
    groups.set(group, [...(groups.get(group) ?? []), values[row]]);
  });
  const repeated = [...groups.values()].filter(({ length }) => length > 1);
  const rows = repeated.reduce((sum, { length }) => sum + length, 0);
  if (repeated.length === 0) return noLabelNoise;
  const squares = repeated.reduce((sum, group) => sum + sumSquaredDeviations(group), 0);
  const within = squares / (rows - repeated.length);
  const all = Float64Array.from([...groups.values()].flat());
  const total = variance(all);
  return { recordings: repeated.length, rows, variance: within, ceiling: total === 0 ? null : 1 - within / total };
}
