import { findFeature, listFeatures } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';

/** Known values of the given rows, ascending. */
export function sortKnown({ values, missing }: Column, rows: Rows): Float64Array {
  return Float64Array.from(
    rows.filter((row) => !missing[row]),
    (row) => values[row],
  ).sort();
}

/** The value below which a share of at least one sorted value lies, on a line between neighbours. */
export function readQuantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Quantiles of a column, evenly from 1 % to 99 %, equal ones once; none where no row is known. */
export function chooseQuantiles(column: Column, rows: Rows, points: number): number[] {
  const sorted = sortKnown(column, rows);
  if (sorted.length === 0) return [];
  const share = (point: number) => (points === 1 ? 0.5 : 0.01 + (0.98 * point) / (points - 1));
  return [...new Set(Array.from({ length: points }, (_, point) => readQuantile(sorted, share(point))))];
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
  const edges = Array.from({ length: tenths - 1 }, (_, i) => readQuantile(sorted, (i + 1) / tenths));
  return (value) => edges.filter((edge) => value > edge).length;
}

/**
 * For each value of a grid, the share of the songs that would be unlike all others with it: for some other numeric feature, no
 * row has both values in the same tenths. 0 to 1. Of few rows (less than about 500) many cells are empty by chance.
 */
export function measureUnlikeness(
  tracks: Tracks,
  rows: Rows,
  songs: Rows,
  feature: string,
  grid: readonly number[],
): number[] {
  const column = tracks.features[feature];
  const classOf = classify(column, findFeature(tracks.schema, feature).kind, rows);
  const others = listFeatures(tracks.schema, 'numeric')
    .filter((name) => name !== feature)
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
    const isUnlike = (row: number, i: number) =>
      others.some(({ other, classes, seen }) => !other.missing[row] && !seen.has(`${own} ${classes[i]}`));
    return songs.filter(isUnlike).length / songs.length;
  });
}
