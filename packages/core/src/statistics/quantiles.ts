/**
 * The value at a fractional position, from 0, among at least one ascending value: on a straight line between the two beside it.
 *
 * NumPy takes the line from its nearer end, `nanPercentile` too: the last bit may differ.
 */
export function interpolateSorted(sorted: Float64Array, position: number): number {
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/**
 * The quantile of at least one ascending value at a share of 0 to 1: the value at position `share · (n − 1)`, interpolated.
 *
 * Source: type 7 of Hyndman & Fan 1996, "Sample quantiles in statistical packages"; the default of R and NumPy. Of a conformal
 * margin, which is a rank and never interpolated, see `conformalQuantile`.
 */
export function quantile(sorted: Float64Array, share: number): number {
  return interpolateSorted(sorted, share * (sorted.length - 1));
}

/**
 * NumPy's `nanpercentile` of values in any order, to the last bit, as Optuna's percentile pruner needs it: the same quantile as
 * `quantile` of those that are not NaN. `percentile` is 0 to 100. NaN where no value is a number.
 */
export function nanPercentile(values: readonly number[], percentile: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = (percentile / 100) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  const share = position - below;
  // From the nearer end, so that the result is monotone and equal ends give themselves.
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}

/** The median of at least one value in any order: the mean of the two middle values where their number is even. */
export function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Percentile rank, 0 to 100: the share of at least one value that is less than the given one, equal ones counting half. */
export function percentileRank(values: Float64Array, value: number): number {
  let below = 0;
  let equal = 0;
  for (const other of values) {
    if (other < value) below++;
    else if (other === value) equal++;
  }
  return (100 * (below + equal / 2)) / values.length;
}
