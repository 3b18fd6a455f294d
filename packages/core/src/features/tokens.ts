import { randomStream } from '@hitscan/mamba';
import { z } from 'zod';
import { quantile } from '../statistics/quantiles.ts';
import { featureNames, featureRules } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import { contextSchema, gatherInputs, nameContext, noContext } from './context.ts';
import { fitScale, isUnknown, type Scale, scaleSchema, standardise } from './standardise.ts';

const numericTokenSchema = z
  .object({
    /** A column of `gatherInputs`. */
    feature: z.string(),
    scale: scaleSchema,
    /** Ascending, in standardised units; between two neighbours lies one bin of the piecewise-linear encoding. */
    edges: z
      .array(z.number())
      .min(2)
      .refine((edges) => edges.every((edge, i) => i === 0 || edge >= edges[i - 1]), 'must ascend')
      .readonly(),
    /** No training row had a value, so nothing was learnt of it: every value counts as missing. */
    unknown: z.literal(true).exactOptional(),
  })
  .readonly();

const categoryTokenSchema = z
  .object({
    feature: z.enum(featureNames),
    /** The values that occur in the training rows, ascending; any other counts as missing. */
    values: z
      .array(z.number())
      .refine((values) => values.every((value, i) => i === 0 || value > values[i - 1]), 'must ascend')
      .readonly(),
  })
  .readonly();

const ofKind = (kind: 'numeric' | 'category') => featureNames.filter((name) => featureRules[name].kind === kind);
const nameTokens = (tokens: readonly { readonly feature: string }[]) => tokens.map(({ feature }) => feature).join();

export const tokenEncoderSchema = z
  .object({
    context: contextSchema,
    numeric: z.array(numericTokenSchema).readonly(),
    categories: z.array(categoryTokenSchema).readonly(),
  })
  .refine(({ context, numeric }) => nameTokens(numeric) === [...ofKind('numeric'), ...nameContext(context)].join(), {
    path: ['numeric'],
    message: 'must be the numeric features and the columns of the context, in order',
  })
  .refine(({ categories }) => nameTokens(categories) === ofKind('category').join(), {
    path: ['categories'],
    message: 'must be the categorical features, in order',
  })
  .readonly();

/**
 * How a track becomes tokens, one a feature; fitted on training rows. Numeric tokens stand before categorical ones, those of
 * the context last among them.
 */
export type TokenEncoder = z.infer<typeof tokenEncoderSchema>;

/**
 * Quantiles of the training values as bin edges, so that each bin holds about as many rows. Equal quantiles are kept
 * once; the last edge is repeated to fill up, which adds bins that nothing falls into.
 */
function fitEdges(column: Column, rows: Rows, scale: Scale, bins: number): number[] {
  const values = Float64Array.from(
    rows.filter((row) => !column.missing[row]),
    (row) => standardise(column.values[row], scale),
  ).sort();
  const edges = new Set<number>();
  for (let j = 0; j <= bins && values.length > 0; j++) {
    // As float32, in which the network holds them.
    edges.add(Math.fround(quantile(values, j / bins)));
  }
  const ascending = [...edges];
  while (ascending.length <= bins) ascending.push(ascending.at(-1) ?? 0);
  return ascending;
}

/** Fits on the given rows only: the training rows, on which the context was fitted too. */
export function fitTokens(tracks: Tracks, rows: Rows, bins: number, context = noContext): TokenEncoder {
  const inputs = gatherInputs(context, tracks, rows);
  const numeric = [...ofKind('numeric'), ...nameContext(context)].map((feature) => {
    const scale = fitScale(inputs[feature], rows);
    const edges = fitEdges(inputs[feature], rows, scale, bins);
    return { feature, scale, edges, ...(isUnknown(inputs[feature], rows) && { unknown: true as const }) };
  });
  const categories = ofKind('category').map((feature) => {
    const { values, missing } = inputs[feature];
    const seen = new Set(
      Array.from(
        rows.filter((row) => !missing[row]),
        (row) => values[row],
      ),
    );
    return { feature, values: [...seen].sort((a, b) => a - b) };
  });
  return { context, numeric, categories };
}

/**
 * The place of each token in the sequence: for `table` as they come, for `reversed` turned round, for `random n` in the
 * n-th random order.
 */
export function placeTokens(order: string, tokens: number): number[] {
  const places = Uint32Array.from({ length: tokens }, (_, token) => token);
  if (order === 'reversed') places.reverse();
  else if (order !== 'table') randomStream(Number(order.slice('random '.length)), 'token order').shuffle(places);
  return [...places];
}

/** The inputs of a token network: standardised values with NaN where missing, and codes with 0 where missing. */
export function encodeTokens(
  { context, numeric, categories }: TokenEncoder,
  tracks: Tracks,
  rows: Rows,
): { readonly numeric: Float32Array; readonly codes: Float32Array } {
  const inputs = gatherInputs(context, tracks, rows);
  const numbers = new Float32Array(rows.length * numeric.length);
  numeric.forEach(({ feature, scale, unknown }, f) => {
    const { values, missing } = inputs[feature];
    rows.forEach((row, r) => {
      numbers[r * numeric.length + f] = missing[row] || unknown ? Number.NaN : standardise(values[row], scale);
    });
  });
  const codes = new Float32Array(rows.length * categories.length);
  categories.forEach(({ feature, values: known }, k) => {
    const { values, missing } = inputs[feature];
    rows.forEach((row, r) => {
      // A value that is not known counts as missing.
      codes[r * categories.length + k] = missing[row] ? 0 : known.indexOf(values[row]) + 1;
    });
  });
  return { numeric: numbers, codes };
}
