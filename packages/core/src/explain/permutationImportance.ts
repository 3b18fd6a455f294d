import { randomStream } from '@hitscan/mamba';
import { z } from 'zod';
import type { FittedRegressor } from '../models/regressor.ts';
import { average, sampleVariance } from '../statistics/moments.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { mixSongs, predictAll, rowsUpTo, takeSongs } from './alterTracks.ts';
import { type ClusterOptions, estimateMeans, meanEstimateSchema } from './clusteredMeans.ts';
import { audioFactors, type Factor } from './factors.ts';

export interface ImportanceOptions extends ClusterOptions {
  /** What is permuted; each audio feature alone where left out. */
  readonly factors?: readonly Factor[];
  /** How often each is permuted; 20 where left out. */
  readonly repeats?: number;
}

/** How much worse predictions become when a factor is another song's. */
const factorImportanceSchema = z
  .object({
    factor: z.string(),
    /** Increase of the mean squared error, in squared points, over all permutations; below 0 the factor did harm. */
    increase: meanEstimateSchema,
    /** Standard error of the mean by the draw of the permutations alone; more repeats make it smaller. Null for one repeat. */
    permutationError: z.number().nullable(),
  })
  .readonly();
export type FactorImportance = z.infer<typeof factorImportanceSchema>;

export const permutationImportanceSchema = z
  .object({
    rows: z.int().min(0),
    repeats: z.int().min(0),
    /** As predicted from the songs as they are. */
    mse: z.number(),
    /** In the order of the factors given. */
    factors: z.array(factorImportanceSchema).readonly(),
  })
  .readonly();
export type PermutationImportance = z.infer<typeof permutationImportanceSchema>;

/**
 * Permutation importance on held-out songs: each factor in turn is given to the songs anew at random, all else stays.
 *
 * The interval says where the figure would lie for other songs, given the model as fitted, and contains the luck of the
 * permutations. A song counts twice, as one that gets a value and as one that gives its own, so the bootstrap of clusters
 * is of the projection r + s − mean, with r the mean increase of a song's own error and s that of those which got its
 * value (Hájek's, for a mean over pairs); resampling errors alone would make intervals up to half as wide as they are.
 *
 * Permuting makes songs that do not exist where features are correlated, and of features that say the same, each alone seems
 * to matter little: a factor may hold several features.
 * Source: Breiman 2001; Fisher, Rudin & Dominici 2019, "All models are wrong, but many are useful".
 * Throws: RangeError for no rows, one whose popularity is not known, or no repeat; ConfigError as `takeSongs`.
 */
export function measureImportance(
  fitted: FittedRegressor,
  tracks: Tracks,
  rows: Rows,
  { factors = audioFactors, repeats = 20, ...options }: ImportanceOptions,
): PermutationImportance {
  if (!(repeats >= 1)) throw new RangeError(`measureImportance: repeats must be at least 1, got ${repeats}`);
  const songs = takeSongs(fitted, tracks, rows);
  const { values: actual, missing } = songs.tracks.popularity;
  if (missing.includes(1)) throw new RangeError('measureImportance: popularity must be known in every row');
  const count = rows.length;
  const errors = songs.predicted.map((value, i) => (value - actual[i]) ** 2);

  const permute = ({ name, parts }: Factor) => {
    // A stream of its own, so that no factor depends on the others asked for.
    const random = randomStream(options.seed, `permutation of ${name}`);
    const everyone = rowsUpTo(count);
    const means = new Float64Array(repeats);
    const projection = new Float64Array(count);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const givers = everyone.slice();
      random.shuffle(givers);
      const mixed = mixSongs(songs.tracks, everyone, new Map(parts.map((part) => [part, givers])));
      const increases = predictAll(fitted, mixed).map((value, i) => (value - actual[i]) ** 2 - errors[i]);
      means[repeat] = average(increases);
      increases.forEach((increase, i) => {
        projection[i] += (increase - means[repeat]) / repeats;
        projection[givers[i]] += increase / repeats;
      });
    }
    return { projection, permutationError: repeats > 1 ? Math.sqrt(sampleVariance(means) / repeats) : null };
  };
  const permuted = factors.map(permute);
  const increases = estimateMeans(
    permuted.map(({ projection }) => projection),
    rows,
    options,
  );
  return {
    rows: count,
    repeats,
    mse: average(errors),
    factors: factors.map(({ name }, f): FactorImportance => {
      return { factor: name, increase: increases[f], permutationError: permuted[f].permutationError };
    }),
  };
}
