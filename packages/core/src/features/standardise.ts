import { z } from 'zod';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import { contextSchema, gatherInputs, nameContext, nameInputs, withoutContext } from './context.ts';

export const scaleSchema = z
  .object({
    mean: z.number(),
    /** 1 for a column that does not vary, so that it becomes 0 rather than NaN. */
    deviation: z.number().positive(),
  })
  .readonly();

/** Mean and population standard deviation of the values that are there. */
export type Scale = z.infer<typeof scaleSchema>;

/** Sums of squares of larger numbers come near the largest there is. */
const largestPlain = 1e140;

/**
 * The unit in which sums of squares of some numbers can be taken: 1 but for absurdly large ones, whose largest it is. They are
 * to be divided by it.
 */
export function findUnit(values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest > largestPlain ? largest : 1;
}

/** Whether none of the rows has a value. */
export function isUnknown({ missing }: Column, rows: Rows): boolean {
  return rows.every((row) => missing[row] === 1);
}

/** Fits on the given rows only: the training rows. A column with no value at all gets mean 0. */
export function fitScale(column: Column, rows: Rows): Scale {
  const known = Float64Array.from(
    rows.filter((row) => !column.missing[row]),
    (row) => column.values[row],
  );
  const unit = findUnit(known);
  let sum = 0;
  for (const value of known) sum += value / unit;
  const middle = known.length > 0 ? sum / known.length : 0;
  let squares = 0;
  for (const value of known) squares += (value / unit - middle) ** 2;
  const mean = middle * unit;
  const deviation = Math.sqrt(squares / Math.max(1, known.length)) * unit;
  // Rounding leaves a constant column a deviation near its last bit; dividing by that would make noise of it.
  return { mean, deviation: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1 };
}

/**
 * Deviations from the mean beyond which a value counts as that far away. No real song comes near it; a number of absurd size
 * would leave float32, in which networks reckon.
 */
export const farthest = 1e6;

/** In deviations from the mean, at most `farthest`. */
export function standardise(value: number, { mean, deviation }: Scale): number {
  return Math.max(-farthest, Math.min(farthest, (value - mean) / deviation));
}

export function restore(value: number, { mean, deviation }: Scale): number {
  return value * deviation + mean;
}

export const vectorEncoderSchema = z
  .object({
    context: contextSchema,
    /** Columns of `gatherInputs`, in order. */
    features: z.array(z.string()).readonly(),
    scales: z.array(scaleSchema).readonly(),
    /** The features that are standardised; the others go in as they are. */
    standardised: z.array(z.string()).readonly(),
    /** Those of which no training row had a value, so that nothing was learnt: every value counts as missing. */
    unknown: z.array(z.string()).readonly().exactOptional(),
  })
  .refine(({ context, features }) => features.join() === nameInputs(context).join(), {
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
  standardised: readonly string[],
  context = withoutContext(tracks.schema),
): VectorEncoder {
  const inputs = gatherInputs(context, tracks, rows);
  const features = nameInputs(context);
  return {
    context,
    features,
    scales: features.map((name) => fitScale(inputs[name], rows)),
    standardised: [...standardised, ...nameContext(context)],
    unknown: features.filter((name) => isUnknown(inputs[name], rows)),
  };
}

/** (rows, features), row-major. A missing value counts as the training rows' mean. */
export function encodeVectors(encoder: VectorEncoder, tracks: Tracks, rows: Rows): Float32Array {
  const { context, features, scales, standardised, unknown = [] } = encoder;
  const inputs = gatherInputs(context, tracks, rows);
  const encoded = new Float32Array(rows.length * features.length);
  features.forEach((name, f) => {
    const { values, missing } = inputs[name];
    const scaled = standardised.includes(name);
    const unheard = unknown.includes(name);
    rows.forEach((row, r) => {
      const value = missing[row] || unheard ? scales[f].mean : values[row];
      encoded[r * features.length + f] = scaled ? standardise(value, scales[f]) : value;
    });
  });
  return encoded;
}
