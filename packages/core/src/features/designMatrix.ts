import { z } from 'zod';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import {
  type ContextEncoder,
  type ContextGroup,
  contextSchema,
  fitContext,
  gatherInputs,
  nameInputs,
} from './context.ts';
import { fitScale, type Scale, scaleSchema, standardise } from './standardise.ts';

/** How tracks become rows of numbers of equal scale; fitted on training rows, plain data. */
export interface Design {
  readonly context: ContextEncoder;
  /** One a column of `nameInputs`. */
  readonly scales: readonly Scale[];
}

export const designSchema: z.ZodType<Design> = z
  .object({ context: contextSchema, scales: z.array(scaleSchema) })
  .refine(({ context, scales }) => scales.length === nameInputs(context).length, {
    path: ['scales'],
    message: 'must be one a column',
  });

/** Fits on the given rows only: the training rows. */
export function fitDesign(tracks: Tracks, rows: Rows, groups: readonly ContextGroup[], seed: number): Design {
  const context = fitContext(tracks, rows, groups, seed);
  const inputs = gatherInputs(context, tracks, rows);
  return { context, scales: nameInputs(context).map((name) => fitScale(inputs[name], rows)) };
}

/**
 * Standardised columns; key, mode and time signature as integers, as the seed had them. A missing value counts as the
 * training rows' mean: 0.
 * Shape: (rows, columns), row-major.
 */
export function encodeDesign({ context, scales }: Design, tracks: Tracks, rows: Rows): Float64Array {
  const inputs = gatherInputs(context, tracks, rows);
  const encoded = new Float64Array(rows.length * scales.length);
  nameInputs(context).forEach((name, j) => {
    const { values, missing } = inputs[name];
    rows.forEach((row, i) => {
      encoded[i * scales.length + j] = missing[row] ? 0 : standardise(values[row], scales[j]);
    });
  });
  return encoded;
}
