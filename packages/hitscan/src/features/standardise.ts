import { z } from 'zod';
import type { FeatureName } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import { contextSchema, gatherInputs, nameContext, nameInputs, noContext } from './context.ts';

export const scaleSchema = z
  .object({
    mean: z.number(),
    /** 1 for a column that does not vary, so that it becomes 0 rather than NaN. */
    deviation: z.number().positive(),
  })
  .readonly();

/** Mean and population standard deviation of the values that are there. */
export type Scale = z.infer<typeof scaleSchema>;

/** Fits on the given rows only: the training rows. A column with no value at all gets mean 0. */
export function fitScale(column: Column, rows: Rows): Scale {
  let sum = 0;
  let count = 0;
  for (const row of rows) {
    if (column.missing[row]) continue;
    sum += column.values[row];
    count++;
  }
  const mean = count > 0 ? sum / count : 0;
  let squares = 0;
  for (const row of rows) {
    if (!column.missing[row]) squares += (column.values[row] - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, count));
  // Rounding leaves a constant column a deviation near its last bit; dividing by that would make noise of it.
  return { mean, deviation: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1 };
}

export function standardise(value: number, { mean, deviation }: Scale): number {
  return (value - mean) / deviation;
}

export function restore(value: number, { mean, deviation }: Scale): number {
  return value * deviation + mean;
}

export const vectorEncoderSchema = z
  .object({
    /** Not there in models that were saved before there was any. */
    context: contextSchema.exactOptional(),
    /** Columns of `gatherInputs`, in order. */
    features: z.array(z.string()).readonly(),
    scales: z.array(scaleSchema).readonly(),
    /** The features that are standardised; the others go in as they are. */
    standardised: z.array(z.string()).readonly(),
  })
  .refine(({ context, features }) => features.join() === nameInputs(context ?? noContext).join(), {
    path: ['features'],
    message: 'must be the audio features and the columns of the context, in order',
  })
  .refine(({ features, scales }) => scales.length === features.length, {
    path: ['scales'],
    message: 'must be one a feature',
  })
  .readonly();

/** How a dense feature vector is made of a track; fitted on training rows. */
export type VectorEncoder = z.infer<typeof vectorEncoderSchema>;

/** Fits on the given rows only: the training rows, on which the context was fitted too; its columns are standardised. */
export function fitVectors(
  tracks: Tracks,
  rows: Rows,
  standardised: readonly FeatureName[],
  context = noContext,
): VectorEncoder {
  const inputs = gatherInputs(context, tracks, rows);
  const features = nameInputs(context);
  return {
    context,
    features,
    scales: features.map((name) => fitScale(inputs[name], rows)),
    standardised: [...standardised, ...nameContext(context)],
  };
}

/** (rows, features), row-major. A missing value counts as the training rows' mean. */
export function encodeVectors(encoder: VectorEncoder, tracks: Tracks, rows: Rows): Float32Array {
  const { context = noContext, features, scales, standardised } = encoder;
  const inputs = gatherInputs(context, tracks, rows);
  const encoded = new Float32Array(rows.length * features.length);
  features.forEach((name, f) => {
    const { values, missing } = inputs[name];
    const scaled = standardised.includes(name);
    rows.forEach((row, r) => {
      const value = missing[row] ? scales[f].mean : values[row];
      encoded[r * features.length + f] = scaled ? standardise(value, scales[f]) : value;
    });
  });
  return encoded;
}
