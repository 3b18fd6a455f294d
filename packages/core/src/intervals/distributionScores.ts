import { z } from 'zod';
import { checkPairs } from '../metrics/pairs.ts';
import type { PredictedDistribution } from '../models/regressor.ts';
import { average } from '../statistics/moments.ts';
import { normalCdf } from '../statistics/normal.ts';

/** Further out than this the score is the absolute error less σ/√π, and less than a last bit of it is σ. */
const tailDeviations = 1e17;

/**
 * Continuous ranked probability score of each row under a Gaussian: the integral over x of `(F(x) − [x ≥ actual])²`, in
 * points of popularity; lower is better, and that of a forecast without any deviation is its absolute error. In closed form
 * `σ·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π)` with z = (actual − mean)/σ. Source: Gneiting, Raftery, Westveld & Goldman 2005.
 * Shapes: all (rows). Throws: RangeError on unequal lengths, values that are not finite, a deviation below 0.
 */
export function scoreGaussians(actual: Float64Array, mean: Float64Array, deviation: Float64Array): Float64Array {
  checkPairs('scoreGaussians', actual, mean);
  checkPairs('scoreGaussians', actual, deviation);
  return actual.map((value, i) => {
    const sigma = deviation[i];
    if (!(sigma >= 0)) throw new RangeError(`scoreGaussians: deviation[${i}] must not be below 0, got ${sigma}`);
    // The limit of what follows, and what follows where the quotient is beyond what a number can hold.
    if (sigma === 0 || Math.abs(value - mean[i]) / sigma > tailDeviations) return Math.abs(value - mean[i]);
    const z = (value - mean[i]) / sigma;
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    return sigma * (z * (2 * normalCdf(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI));
  });
}

/** Pinball loss: `level·e` where e = actual − quantile is positive, else `(level − 1)·e`. Source: Koenker & Bassett 1978. */
function pinballLoss(actual: number, quantile: number, level: number): number {
  const error = actual - quantile;
  return error > 0 ? level * error : (level - 1) * error;
}

/**
 * Continuous ranked probability score of each row, as approximated from some of its quantiles: the score is twice the integral of
 * the pinball loss over the levels 0 to 1 (Gneiting & Ranjan 2011), which here is a sum of trapezia between the levels given,
 * with nothing at 0 and at 1. The integrand is concave, so the sum is a little too small: by 0.4 % for every twentieth of a
 * normal variable, by 3.5 % for 0.05, 0.1, 0.25, 0.5, 0.75, 0.9 and 0.95.
 * Shapes: actual (rows); values (rows, levels), row-major. Throws: RangeError on no rows or unequal lengths.
 */
export function scoreQuantiles(actual: Float64Array, levels: readonly number[], values: Float64Array): Float64Array {
  const width = levels.length;
  if (actual.length === 0 || values.length !== actual.length * width) {
    throw new RangeError(
      `scoreQuantiles: quantiles must be ${width} for each of at least one row, got ${values.length} for ${actual.length}`,
    );
  }
  // A trapezium on either side of each level; the integrand is 0 at both ends.
  const weights = levels.map((_, k) => ((levels[k + 1] ?? 1) - (levels[k - 1] ?? 0)) / 2);
  return actual.map((value, row) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += weights[k] * pinballLoss(value, values[row * width + k], levels[k]);
    return 2 * sum;
  });
}

/** Mean continuous ranked probability score over the rows, in points of popularity. Throws: RangeError as for each kind. */
export function measureRankedProbability(actual: Float64Array, distribution: PredictedDistribution): number {
  if (distribution.kind === 'gaussian') {
    return average(scoreGaussians(actual, distribution.mean, distribution.deviation));
  }
  return average(scoreQuantiles(actual, distribution.levels, distribution.values));
}

/** One bar of a histogram of where actual values lie in their distributions. */
export const transformBinSchema = z
  .object({
    /** Probabilities between which the bin lies. */
    from: z.number().min(0).max(1),
    to: z.number().min(0).max(1),
    /** Share of the rows; `to − from` where the distributions are right. */
    share: z.number().min(0).max(1),
  })
  .readonly();
export type TransformBin = z.infer<typeof transformBinSchema>;

/**
 * Histogram of the probability integral transform: of which share of its predicted distribution each row's actual value lies
 * at the end. Even where distributions are right; high at both ends where they are too narrow, in the middle where too wide.
 *
 * Gaussians have `bins` bins of equal width; quantiles have a bin between every two levels, and a value on a quantile lies
 * below it. Source: Dawid 1984; Gneiting, Balabdaoui & Raftery 2007.
 * Shapes: actual (rows). Throws: RangeError for no rows.
 */
export function countTransforms(actual: Float64Array, distribution: PredictedDistribution, bins = 20): TransformBin[] {
  if (actual.length === 0) throw new RangeError('countTransforms: needs at least one row, got 0');
  const edges =
    distribution.kind === 'gaussian'
      ? Array.from({ length: bins + 1 }, (_, i) => i / bins)
      : [0, ...distribution.levels, 1];
  const counts = new Uint32Array(edges.length - 1);
  actual.forEach((value, row) => {
    if (distribution.kind === 'gaussian') {
      const distance = value - distribution.mean[row];
      // Without any deviation all of the distribution is one point: a value there lies in the middle of it.
      const share = normalCdf(distance === 0 ? 0 : distance / distribution.deviation[row]);
      counts[Math.min(bins - 1, Math.floor(share * bins))]++;
    } else {
      const { levels, values } = distribution;
      const above = levels.findIndex((_, k) => value <= values[row * levels.length + k]);
      counts[above < 0 ? levels.length : above]++;
    }
  });
  return Array.from(counts, (count, i) => ({ from: edges[i], to: edges[i + 1], share: count / actual.length }));
}
