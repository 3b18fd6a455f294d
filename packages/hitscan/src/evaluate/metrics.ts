import type { Metrics } from './results.ts';

/**
 * How well predictions meet actual values.
 *
 * R² is measured against the mean of the actual values given here, so below 0 is worse than that mean; null where they
 * are all equal. Spearman is Pearson's correlation of ranks, ties sharing their average rank; null where either side
 * is constant.
 * Shapes: actual and predicted (rows), in the same order.
 * Throws: RangeError for no rows, unequal lengths or a value that is not finite.
 */
export function measure(actual: Float64Array, predicted: Float64Array): Metrics {
  checkPairs(actual, predicted);
  const rows = actual.length;
  let squares = 0;
  let absolutes = 0;
  for (let i = 0; i < rows; i++) {
    const error = predicted[i] - actual[i];
    squares += error * error;
    absolutes += Math.abs(error);
  }
  const mse = squares / rows;
  const total = sumSquaredDeviations(actual);
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: absolutes / rows,
    r2: total > 0 ? 1 - squares / total : null,
    spearman: correlate(rank(actual), rank(predicted)),
  };
}

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

function correlate(a: Float64Array, b: Float64Array): number | null {
  const spread = Math.sqrt(sumSquaredDeviations(a)) * Math.sqrt(sumSquaredDeviations(b));
  if (spread === 0) return null;
  const meanA = average(a);
  const meanB = average(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return Math.max(-1, Math.min(1, sum / spread));
}

function average(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Exactly 0 for equal values, whatever the rounding of their mean. */
function sumSquaredDeviations(values: Float64Array): number {
  if (values.every((value) => value === values[0])) return 0;
  const mean = average(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum;
}

function checkPairs(actual: Float64Array, predicted: Float64Array): void {
  if (actual.length === 0) throw new RangeError('measure: needs at least one row, got 0');
  if (predicted.length !== actual.length) {
    throw new RangeError(`measure: predicted must hold ${actual.length} values, got ${predicted.length}`);
  }
  for (let i = 0; i < actual.length; i++) {
    if (!Number.isFinite(actual[i])) throw new RangeError(`measure: actual[${i}] must be finite, got ${actual[i]}`);
    if (!Number.isFinite(predicted[i])) {
      throw new RangeError(`measure: predicted[${i}] must be finite, got ${predicted[i]}`);
    }
  }
}
