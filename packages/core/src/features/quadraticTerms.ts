import { z } from 'zod';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { ContextGroup } from './context.ts';
import { type Design, designSchema, encodeDesign, fitDesign } from './designMatrix.ts';
import { type Scale, scaleSchema, standardise } from './standardise.ts';

/** The terms of a linear model: the columns of a design, and maybe their squares and products. Plain data. */
export interface Terms {
  readonly design: Design;
  /** Of the squares and products, in the order of `expand`; null where there are none. */
  readonly quadratic: readonly Scale[] | null;
}

export const termsSchema: z.ZodType<Terms> = z
  .object({ design: designSchema, quadratic: z.array(scaleSchema).nullable() })
  .refine(({ design: { scales }, quadratic }) => (quadratic?.length ?? 0) === countProducts(scales, quadratic), {
    path: ['quadratic'],
    message: 'must be one a pair of columns',
  });

function countProducts({ length }: readonly Scale[], quadratic: readonly Scale[] | null): number {
  return quadratic === null ? 0 : (length * (length + 1)) / 2;
}

/** Products of two columns, each pair once, a column with itself included: (rows, columns·(columns + 1)/2), row-major. */
function expand(x: Float64Array, rows: number, columns: number): Float64Array {
  const products = new Float64Array((rows * columns * (columns + 1)) / 2);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      for (let k = j; k < columns; k++) products[at++] = x[row * columns + j] * x[row * columns + k];
    }
  }
  return products;
}

/** Fits on the given rows only: the training rows. */
export function fitTerms(
  tracks: Tracks,
  rows: Rows,
  {
    groups,
    quadratic,
    seed,
  }: { readonly groups: readonly ContextGroup[]; readonly quadratic: boolean; readonly seed: number },
): Terms {
  const design = fitDesign(tracks, rows, groups, seed);
  if (!quadratic) return { design, quadratic: null };
  const columns = design.scales.length;
  const products = expand(encodeDesign(design, tracks, rows), rows.length, columns);
  return { design, quadratic: scaleColumns(products, rows.length) };
}

/** Mean and population standard deviation of each column; 1 for a column that does not vary. */
function scaleColumns(x: Float64Array, rows: number): Scale[] {
  const columns = x.length / rows;
  return Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += x[row * columns + j];
    const mean = sum / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (x[row * columns + j] - mean) ** 2;
    const deviation = Math.sqrt(squares / rows);
    // Rounding leaves a constant column a deviation near its last bit.
    return { mean, deviation: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1 };
  });
}

export function countTerms({ design, quadratic }: Terms): number {
  return design.scales.length + (quadratic?.length ?? 0);
}

/** Shape: (rows, terms), row-major; each term standardised. */
export function encodeTerms(terms: Terms, tracks: Tracks, rows: Rows): Float64Array {
  const { design, quadratic } = terms;
  const x = encodeDesign(design, tracks, rows);
  if (!quadratic) return x;
  const columns = design.scales.length;
  const width = countTerms(terms);
  const products = expand(x, rows.length, columns);
  const encoded = new Float64Array(rows.length * width);
  for (let row = 0; row < rows.length; row++) {
    encoded.set(x.subarray(row * columns, (row + 1) * columns), row * width);
    quadratic.forEach((scale, k) => {
      encoded[row * width + columns + k] = standardise(products[row * quadratic.length + k], scale);
    });
  }
  return encoded;
}
