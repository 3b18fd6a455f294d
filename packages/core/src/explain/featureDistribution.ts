import { quantile } from '../statistics/quantiles.ts';
import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';

/** Known values of the given rows, ascending. */
function sortKnown({ values, missing }: Column, rows: Rows): Float64Array {
  return Float64Array.from(
    rows.filter((row) => !missing[row]),
    (row) => values[row],
  ).sort();
}

/** Quantiles of a column, evenly from 1 % to 99 %, equal ones once; none where no row is known. */
export function chooseQuantiles(column: Column, rows: Rows, points: number): number[] {
  const sorted = sortKnown(column, rows);
  if (sorted.length === 0) return [];
  const share = (point: number) => (points === 1 ? 0.5 : 0.01 + (0.98 * point) / (points - 1));
  return [...new Set(Array.from({ length: points }, (_, point) => quantile(sorted, share(point))))];
}

/** The values that occur, ascending, and how often each does. */
export function countValues(column: Column, rows: Rows): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const value of sortKnown(column, rows)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const tenths = 10;

/** Numbers of value classes: tenths of the known values where numeric, else the value itself; −1 where missing. */
function classify({ values, missing }: Column, kind: 'numeric' | 'category', rows: Rows): (value: number) => number {
  if (kind === 'category') return (value) => value;
  const sorted = sortKnown({ values, missing }, rows);
  if (sorted.length === 0) return () => 0;
  const edges = Array.from({ length: tenths - 1 }, (_, i) => quantile(sorted, (i + 1) / tenths));
  return (value) => edges.filter((edge) => value > edge).length;
}

/**
 * For each value of a grid, the share of the songs for which a model would extrapolate if they had it: for some other numeric
 * feature, no row has both values in the same tenths. 0 to 1. Of few rows (less than about 500) many cells are empty by chance.
 */
export function measureExtrapolation(
  tracks: Tracks,
  rows: Rows,
  songs: Rows,
  feature: FeatureName,
  grid: readonly number[],
): number[] {
  const column = tracks.features[feature];
  const classOf = classify(column, featureRules[feature].kind, rows);
  const others = featureNames
    .filter((name) => name !== feature && featureRules[name].kind === 'numeric')
    .map((name) => {
      const other = tracks.features[name];
      const otherClassOf = classify(other, 'numeric', rows);
      const seen = new Set<string>();
      for (const row of rows) {
        if (column.missing[row] || other.missing[row]) continue;
        seen.add(`${classOf(column.values[row])} ${otherClassOf(other.values[row])}`);
      }
      return { other, classes: Uint8Array.from(songs, (row) => otherClassOf(other.values[row])), seen };
    });
  return grid.map((value) => {
    const own = classOf(value);
    const extrapolates = (row: number, i: number) =>
      others.some(({ other, classes, seen }) => !other.missing[row] && !seen.has(`${own} ${classes[i]}`));
    return songs.filter(extrapolates).length / songs.length;
  });
}

/** The distribution of one feature among some songs, summarised. Nulls where no song's value is known. */
export interface FeatureSummary {
  /** The median; of a category the most frequent value, the smallest of those equally frequent. */
  readonly typical: number | null;
  /** The 40 % and the 60 % quantile; null for a category. */
  readonly low: number | null;
  readonly high: number | null;
  /** Whether a value is within the range of the songs' values; of a category, whether it occurs. */
  readonly has: (value: number) => boolean;
}

export type FeatureSummaries = Readonly<Record<FeatureName, FeatureSummary>>;

/** Where a value lies among those of other songs: below or above the middle fifth, or in it; null for a category. */
export type Level = 'low' | 'usual' | 'high' | null;

/** Summarises every feature over the given rows. */
export function summariseFeatures(tracks: Tracks, rows: Rows): FeatureSummaries {
  const entries = featureNames.map((name): [FeatureName, FeatureSummary] => {
    const column = tracks.features[name];
    if (featureRules[name].kind === 'category') {
      const counts = countValues(column, rows);
      const [commonest] = [...counts].sort(([, a], [, b]) => b - a);
      return [name, { typical: commonest?.[0] ?? null, low: null, high: null, has: (value) => counts.has(value) }];
    }
    const sorted = sortKnown(column, rows);
    const take = (share: number) => (sorted.length > 0 ? quantile(sorted, share) : null);
    const has = (value: number) => sorted.length > 0 && value >= sorted[0] && value <= sorted[sorted.length - 1];
    return [name, { typical: take(0.5), low: take(0.4), high: take(0.6), has }];
  });
  return Object.fromEntries(entries) as Record<FeatureName, FeatureSummary>;
}

export function findLevel({ low, high }: FeatureSummary, value: number): Level {
  if (low === null || high === null) return null;
  if (value < low) return 'low';
  return value > high ? 'high' : 'usual';
}
