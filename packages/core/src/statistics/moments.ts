/** Mean of at least one value. */
export function average(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Exactly 0 for equal values, whatever the rounding of their mean. */
export function sumSquaredDeviations(values: Float64Array): number {
  if (values.every((value) => value === values[0])) return 0;
  const mean = average(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum;
}

/** Sum over pairs of the product of their deviations, each from its own mean. */
export function sumProducts(a: Float64Array, b: Float64Array): number {
  const meanA = average(a);
  const meanB = average(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum;
}
