/**
 * The standard normal quantile. `p` strictly between 0 and 1.
 * Source: Acklam 2003, "An algorithm for computing the inverse normal cumulative distribution function".
 * Accuracy: relative error below 1.2e-9.
 */
export function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const evaluate = (coefficients: readonly number[], x: number) => coefficients.reduce((sum, k) => sum * x + k, 0);
  const tail = 0.02425;
  if (p > 1 - tail) return -normalQuantile(1 - p);
  if (p >= tail) {
    const q = p - 0.5;
    return (evaluate(a, q * q) * q) / evaluate(b, q * q);
  }
  const q = Math.sqrt(-2 * Math.log(p));
  return evaluate(c, q) / evaluate(d, q);
}

/** Ranks as shares strictly between 0 and 1; equal values share their mean rank. */
export function rankShares(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const shares = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) shares[order[i]] = (from + to) / 2 / order.length;
    from = to;
  }
  return shares;
}

/** Normal scores: the values that a standard normal variable would have at these ranks. */
export function rankScores(values: Float64Array): Float64Array {
  return rankShares(values).map(normalQuantile);
}

/**
 * Makes each column uncorrelated with those before it and gives it mean square 1, in place (Gram–Schmidt).
 *
 * With a constant as the first column, random columns come out with exactly the moments that they have only on average
 * when drawn. A column that is a combination of earlier ones becomes 0.
 */
export function orthonormalise(columns: readonly Float64Array[]): void {
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum / a.length;
  };
  for (const [k, column] of columns.entries()) {
    const before = dot(column, column);
    for (const earlier of columns.slice(0, k)) {
      const share = dot(column, earlier);
      for (let i = 0; i < column.length; i++) column[i] -= share * earlier[i];
    }
    const rest = dot(column, column);
    // What remains of a dependent column is rounding.
    const scale = rest > 1e-18 * before ? 1 / Math.sqrt(rest) : 0;
    for (let i = 0; i < column.length; i++) column[i] *= scale;
  }
}
