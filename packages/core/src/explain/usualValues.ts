import type { Rows, Tracks } from '../tracks/tracks.ts';
import { countValues, readQuantile, sortKnown } from './featureGrid.ts';

/** How songs commonly are in one feature. Nulls where no song's value is known. */
export interface UsualValues {
  /** The median; of a category the most frequent value, the smallest of those equally frequent. */
  readonly typical: number | null;
  /** What two in five songs are below, and what two in five are above; null for a category. */
  readonly low: number | null;
  readonly high: number | null;
  /** Whether the value lies within those that the songs have: between the least and the greatest, or one that occurs. */
  readonly has: (value: number) => boolean;
}

export type UsualFeatures = Readonly<Record<string, UsualValues>>;

/** Where a value lies among those of other songs: below or above most of them, or in the middle fifth; null for a category. */
export type Level = 'low' | 'usual' | 'high' | null;

/** What is usual among the given rows. */
export function findUsual(tracks: Tracks, rows: Rows): UsualFeatures {
  const entries = tracks.schema.features.map(({ name, kind }): [string, UsualValues] => {
    const column = tracks.features[name];
    if (kind === 'category') {
      const counts = countValues(column, rows);
      const [commonest] = [...counts].sort(([, a], [, b]) => b - a);
      return [name, { typical: commonest?.[0] ?? null, low: null, high: null, has: (value) => counts.has(value) }];
    }
    const sorted = sortKnown(column, rows);
    const quantile = (share: number) => (sorted.length > 0 ? readQuantile(sorted, share) : null);
    const has = (value: number) => sorted.length > 0 && value >= sorted[0] && value <= sorted[sorted.length - 1];
    return [name, { typical: quantile(0.5), low: quantile(0.4), high: quantile(0.6), has }];
  });
  return Object.fromEntries(entries);
}

export function findLevel({ low, high }: UsualValues, value: number): Level {
  if (low === null || high === null) return null;
  if (value < low) return 'low';
  return value > high ? 'high' : 'usual';
}
