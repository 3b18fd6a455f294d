import { z } from 'zod';
import { estimateFromResamples, resampleSums } from '../compare/bootstrap.ts';
import { average } from '../statistics/moments.ts';
import type { Groups } from '../tracks/repeats.ts';

/** A mean over songs and its 95 % interval; the latter is null where all songs are of one cluster. */
export const meanEstimateSchema = z
  .object({
    mean: z.number(),
    standardError: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .readonly();
export type MeanEstimate = z.infer<typeof meanEstimateSchema>;

export interface ClusterOptions {
  /** Rows of one number are drawn together, for every row of the table of songs: those of one artist or recording. */
  readonly clusters: Groups;
  readonly seed: number;
  /** How many resamples; 2,000 where left out. */
  readonly resamples?: number;
}

/**
 * Means over the same rows, and how far they would lie elsewhere for other songs: the bootstrap of whole clusters, all means
 * on the same resamples (see `resampleSums`, `estimateFromResamples`).
 * Shapes: columns, each (rows); `rows` names each one's row in the table. Throws: RangeError for no rows.
 */
export function estimateMeans(
  columns: readonly Float64Array[],
  rows: ArrayLike<number>,
  { clusters, seed, resamples = 2000 }: ClusterOptions,
): MeanEstimate[] {
  if (rows.length === 0) throw new RangeError('estimateMeans: needs at least one row, got 0');
  const places = new Map<number, number>();
  for (let i = 0; i < rows.length; i++) {
    const cluster = clusters[rows[i]];
    if (!places.has(cluster)) places.set(cluster, places.size);
  }
  // What each cluster adds: its rows, then the sums of the columns.
  const width = columns.length + 1;
  const table = new Float64Array(places.size * width);
  for (let i = 0; i < rows.length; i++) {
    const base = (places.get(clusters[rows[i]]) as number) * width;
    table[base]++;
    columns.forEach((values, c) => {
      table[base + 1 + c] += values[i];
    });
  }
  const sums = places.size > 1 ? resampleSums(table, width, { resamples, seed }) : new Float64Array(0);
  return columns.map((values, c) => {
    const mean = average(values);
    const resampled = Float64Array.from(
      { length: sums.length / width },
      (_, k) => sums[k * width + 1 + c] / sums[k * width],
    );
    const estimate = estimateFromResamples(mean, resampled, places.size);
    if (!estimate) return { mean, standardError: null, low: null, high: null };
    const { standardError, low, high } = estimate;
    return { mean, standardError, low, high };
  });
}
