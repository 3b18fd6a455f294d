import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';

/** Why a song is predicted as it is, by the model's own derivatives. */
export const gradientContributionsSchema = z
  .object({
    /** In points, before clipping. */
    prediction: z.number(),
    /** The prediction at the baseline. */
    base: z.number(),
    /** The contributions' sum less (prediction − base). */
    error: z.number(),
    /** Points on the line at which derivatives were taken. */
    points: z.int().min(0),
    contributions: z.array(z.object({ factor: z.string(), contribution: z.number() }).readonly()).readonly(),
  })
  .readonly();
export type GradientContributions = z.infer<typeof gradientContributionsSchema>;

/**
 * Integrated gradients of a song's prediction: what each token adds on the straight line from the baseline's tokens to the
 * song's. The baseline is the mean of the rows' tokens or, with null, a song of which nothing is known.
 *
 * The points between need be no song's tokens, and another baseline gives other contributions: beside Shapley values, a second
 * opinion that costs a hundredth. The mean of tokens is predicted as something else than the mean of predictions.
 * Source: Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks".
 * Throws: ConfigError for a model without such derivatives: all but `mamba-tokens`.
 */
export function explainByGradients(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  baseline: { readonly tracks: Tracks; readonly rows: Rows } | null,
): GradientContributions {
  const found = fitted.attribute?.(tracks, row, baseline);
  if (!found) throw new ConfigError('model', `must be mamba-tokens to have integrated gradients, got ${fitted.name}`);
  const { inputs, contributions, ...rest } = found;
  return { ...rest, contributions: inputs.map((factor, i) => ({ factor, contribution: contributions[i] })) };
}
