/** Arithmetic mean of at least one value, added up in the order given. */
export function average(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Sum of squared deviations from the mean. Exactly 0 for equal values, whatever the rounding of their mean. */
export function sumSquaredDeviations(values: ArrayLike<number>): number {
  if (areEqual(values)) return 0;
  const mean = average(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2;
  return sum;
}

function areEqual(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

/** Population variance of at least one value: n in the denominator. The mean squared error of predicting their mean. */
export function variance(values: ArrayLike<number>): number {
  return sumSquaredDeviations(values) / values.length;
}

/** Sample variance: n − 1 in the denominator. NaN for a single value. */
export function sampleVariance(values: ArrayLike<number>): number {
  return sumSquaredDeviations(values) / (values.length - 1);
}

/** Sum over pairs of the product of their deviations, each from its own mean. */
export function sumProducts(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const meanA = average(a);
  const meanB = average(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum;
}

/**
 * Pearson's correlation coefficient, −1 to 1; null where either side is constant. Sides whose sums of squared deviations have
 * a geometric mean of at most `rounding` count as constant.
 */
export function pearsonCorrelation(a: ArrayLike<number>, b: ArrayLike<number>, rounding = 0): number | null {
  const spread = Math.sqrt(sumSquaredDeviations(a)) * Math.sqrt(sumSquaredDeviations(b));
  return spread <= rounding ? null : Math.max(-1, Math.min(1, sumProducts(a, b) / spread));
}
