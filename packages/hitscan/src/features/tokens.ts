import { type FeatureName, featureNames, featureRules } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import { fitScale, type Scale, standardise } from './standardise.ts';

export interface NumericToken {
  readonly feature: FeatureName;
  readonly scale: Scale;
  /** Ascending, in standardised units; between two neighbours lies one bin of the piecewise-linear encoding. */
  readonly edges: readonly number[];
}

export interface CategoryToken {
  readonly feature: FeatureName;
  /** The values that occur in the training rows, ascending; any other counts as missing. */
  readonly values: readonly number[];
}

/** How a track becomes tokens, one a feature; fitted on training rows. Numeric tokens stand before categorical ones. */
export interface TokenEncoder {
  readonly numeric: readonly NumericToken[];
  readonly categories: readonly CategoryToken[];
}

/**
 * Quantiles of the training values as bin edges, so that each bin holds about as many rows. Equal quantiles are kept
 * once; the last edge is repeated to fill up, which adds bins that nothing falls into.
 */
function fitEdges(column: Column, rows: Rows, scale: Scale, bins: number): number[] {
  const values = Float64Array.from(
    rows.filter((row) => !column.missing[row]),
    (row) => standardise(column.values[row], scale),
  ).sort();
  const last = values.length - 1;
  const edges = new Set<number>();
  for (let j = 0; j <= bins && last >= 0; j++) {
    const at = (j / bins) * last;
    const below = Math.floor(at);
    const share = at - below;
    const quantile = values[below] + share * (values[Math.min(last, below + 1)] - values[below]);
    // As float32, in which the network holds them.
    edges.add(Math.fround(quantile));
  }
  const ascending = [...edges];
  while (ascending.length <= bins) ascending.push(ascending.at(-1) ?? 0);
  return ascending;
}

/** Fits on the given rows only: the training rows. */
export function fitTokens(tracks: Tracks, rows: Rows, bins: number): TokenEncoder {
  const numeric: NumericToken[] = [];
  const categories: CategoryToken[] = [];
  for (const feature of featureNames) {
    const column = tracks.features[feature];
    if (featureRules[feature].kind === 'numeric') {
      const scale = fitScale(column, rows);
      numeric.push({ feature, scale, edges: fitEdges(column, rows, scale, bins) });
    } else {
      const seen = new Set<number>();
      for (const row of rows) if (!column.missing[row]) seen.add(column.values[row]);
      categories.push({ feature, values: [...seen].sort((a, b) => a - b) });
    }
  }
  return { numeric, categories };
}

/** The inputs of a token network: standardised values with NaN where missing, and codes with 0 where missing. */
export function encodeTokens(
  { numeric, categories }: TokenEncoder,
  tracks: Tracks,
  rows: Rows,
): { readonly numeric: Float32Array; readonly codes: Float32Array } {
  const numbers = new Float32Array(rows.length * numeric.length);
  numeric.forEach(({ feature, scale }, f) => {
    const { values, missing } = tracks.features[feature];
    rows.forEach((row, r) => {
      numbers[r * numeric.length + f] = missing[row] ? Number.NaN : standardise(values[row], scale);
    });
  });
  const codes = new Float32Array(rows.length * categories.length);
  categories.forEach(({ feature, values: known }, k) => {
    const { values, missing } = tracks.features[feature];
    rows.forEach((row, r) => {
      // A value that is not known counts as missing.
      codes[r * categories.length + k] = missing[row] ? 0 : known.indexOf(values[row]) + 1;
    });
  });
  return { numeric: numbers, codes };
}
