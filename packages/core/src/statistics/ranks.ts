import { pearsonCorrelation } from './moments.ts';

/** Ranks from 1, ascending; equal values share the average of the ranks they span. */
export function rank(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Ranks as shares strictly between 0 and 1: (rank − ½)/n. Source: Hazen 1914, plotting positions. */
export function rankShares(values: Float64Array): Float64Array {
  return rank(values).map((place) => (place - 0.5) / values.length);
}

/** Spearman's rho: Pearson's correlation of ranks, ties sharing their average rank; null where either side is constant. */
export function spearmanCorrelation(a: Float64Array, b: Float64Array): number | null {
  return pearsonCorrelation(rank(a), rank(b));
}

/**
 * Kendall's tau-b: pairs of rows in the same order on both sides less those in opposite order, over the geometric mean of
 * the pairs that either side does not tie; null where either side is constant.
 *
 * Counted in O(n log n): sorted by a, the pairs in opposite order are the exchanges that sorting by b takes.
 * Source: Knight 1966, "A computer method for calculating Kendall's tau with ungrouped data". Counts are exact.
 */
export function kendallCorrelation(a: Float64Array, b: Float64Array): number | null {
  const order = Uint32Array.from(a, (_, i) => i).sort((i, j) => a[i] - a[j] || b[i] - b[j]);
  const sortedA = Float64Array.from(order, (i) => a[i]);
  const byA = Float64Array.from(order, (i) => b[i]);
  const tiedA = countTiedPairs(a.length, (i) => sortedA[i] === sortedA[i - 1]);
  const tiedBoth = countTiedPairs(a.length, (i) => sortedA[i] === sortedA[i - 1] && byA[i] === byA[i - 1]);
  const { sorted: sortedB, exchanges } = sortCounting(byA);
  const tiedB = countTiedPairs(b.length, (i) => sortedB[i] === sortedB[i - 1]);
  const pairs = (a.length * (a.length - 1)) / 2;
  if (tiedA === pairs || tiedB === pairs) return null;
  const balance = pairs - tiedA - tiedB + tiedBoth - 2 * exchanges;
  return Math.max(-1, Math.min(1, balance / Math.sqrt(pairs - tiedA) / Math.sqrt(pairs - tiedB)));
}

/** Pairs within runs of equal rows, of rows in order: `tied(i)` says whether row i equals row i − 1. */
function countTiedPairs(rows: number, tied: (i: number) => boolean): number {
  let pairs = 0;
  let run = 0;
  for (let i = 1; i < rows; i++) {
    run = tied(i) ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/** Merge sort from the bottom up; `exchanges` counts the pairs that stood in the wrong order. */
function sortCounting(values: Float64Array): { sorted: Float64Array; exchanges: number } {
  let from = values.slice();
  let to = new Float64Array(values.length);
  let exchanges = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let i = start; i < end; i++) {
        if (right === end || (left < middle && from[left] <= from[right])) to[i] = from[left++];
        else {
          exchanges += middle - left;
          to[i] = from[right++];
        }
      }
    }
    [from, to] = [to, from];
  }
  return { sorted: from, exchanges };
}
