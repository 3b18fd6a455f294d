/** Codes 1 … 255 are bins, 0 is a missing value: a code is a byte. */
const mostEdges = 254;

/** A table for growing trees: its columns as small codes. */
export interface BinnedTable {
  readonly rows: number;
  /** A column each: (rows); 0 where missing, else 1 + the number of edges below the value. */
  readonly codes: readonly Uint8Array[];
}

/**
 * Chooses the edges between a column's bins, ascending: halfway between neighbouring values where there are at most 255
 * different ones, else at quantiles, so that bins hold about as many rows each. None where nothing is known.
 * Shapes: values (rows), NaN where missing.
 */
export function fitEdges(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const distinct = sorted.filter((value, i) => i === 0 || value > sorted[i - 1]);
  if (distinct.length <= mostEdges + 1) {
    return Float64Array.from({ length: Math.max(0, distinct.length - 1) }, (_, i) =>
      between(distinct[i], distinct[i + 1]),
    );
  }
  const edges = new Set<number>();
  for (let i = 1; i <= mostEdges; i++) {
    const at = Math.floor((i * sorted.length) / (mostEdges + 1));
    if (sorted[at] > sorted[at - 1]) edges.add(between(sorted[at - 1], sorted[at]));
    // A value of many rows fills its bin beyond the quantile: the edge lies after it.
    else edges.add(edgeAfter(distinct, sorted[at]));
  }
  return Float64Array.from(edges).filter(Number.isFinite).sort();
}

/** Halfway, but never the upper value itself, which rounding could give. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

/** The edge above a value; infinite above the last. */
function edgeAfter(distinct: Float64Array, value: number): number {
  const at = countBelow(distinct, value);
  return at + 1 < distinct.length ? between(value, distinct[at + 1]) : Number.POSITIVE_INFINITY;
}

/** How many of the ascending numbers are below the value. */
function countBelow(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Shapes: columns and edges (columns), each column (rows) with NaN where missing. */
export function binColumns(columns: readonly Float64Array[], edges: readonly Float64Array[]): BinnedTable {
  const codes = columns.map((values, j) =>
    Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1 + countBelow(edges[j], value))),
  );
  return { rows: columns[0].length, codes };
}
