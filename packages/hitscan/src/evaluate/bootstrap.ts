import { randomStream } from '@hitscan/mamba';
import { type DifferenceEstimate, estimateByT } from './estimates.ts';
import { average, sumSquaredDeviations } from './moments.ts';

/**
 * Draws as many clusters as there are, with replacement, and adds up what they hold; again for every resample.
 *
 * Whole clusters are drawn because songs of one artist are alike: rows drawn one by one would make intervals too narrow.
 * The k-th resample depends on the seed, the number of clusters and k alone, so that all models are seen on the same ones.
 * Shapes: table (clusters, width), result (resamples, width). Row-major.
 */
export function resampleSums(
  table: Float64Array,
  width: number,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): Float64Array {
  const clusters = table.length / width;
  const random = randomStream(seed, 'cluster bootstrap');
  const sums = new Float64Array(resamples * width);
  for (let to = 0; to < sums.length; to += width) {
    for (let draw = 0; draw < clusters; draw++) {
      const from = random.below(clusters) * width;
      for (let i = 0; i < width; i++) sums[to + i] += table[from + i];
    }
  }
  return sums;
}

/**
 * A figure's standard error, 95 % interval and p from its values in resamples of n clusters; null for a single cluster,
 * which says nothing of others.
 *
 * The standard error is the resamples' standard deviation times √(n/(n − 1)), for a resample knows no clusters but those
 * drawn from; interval and p are Student's on n − 1 degrees. Percentiles of the resamples are not used. They are too narrow
 * where artists are few: for 8 to 200 artists of 1 to 12 songs, 95 % intervals of the difference of two mean squared errors
 * held the truth 86 to 94 times in 100, by BCa 83 to 94 times, and these 95 to 96 times. Nor can their p be below 2 in the
 * number of resamples, which Holm's correction then multiplies by the number of pairs. All are too narrow where one artist
 * has a large share of the songs (91 times in 100 for 60 artists with sizes by Zipf's law).
 * Shapes: resampled (resamples, at least 2).
 * Source: Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 12.
 */
export function estimateFromResamples(
  value: number,
  resampled: Float64Array,
  clusters: number,
): DifferenceEstimate | null {
  if (clusters < 2) return null;
  const variance = sumSquaredDeviations(resampled) / (resampled.length - 1);
  return estimateByT(value, Math.sqrt((variance * clusters) / (clusters - 1)), clusters - 1);
}

/** The share of values that are better, those equal to 0 counting half. 0 to 1. */
export function shareBetter(differences: Float64Array, better: 'lower' | 'higher'): number {
  const towards = better === 'higher' ? 1 : -1;
  return average(differences.map((value) => (Math.sign(towards * value) + 1) / 2));
}
