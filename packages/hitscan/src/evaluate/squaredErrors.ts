/** A mean and how far chance moves it. `standardError` is null for fewer than two rows. */
export interface MeanWithError {
  readonly mean: number;
  readonly standardError: number | null;
}

/**
 * A model's mean squared error on held-out rows with its standard error, the rows taken as independent.
 * Shapes: actual and predicted (rows), in the same order.
 */
export function measureSquaredError(actual: Float64Array, predicted: Float64Array): MeanWithError {
  return summarise(actual.map((value, i) => (predicted[i] - value) ** 2));
}

/**
 * By how much the mean squared error of `predicted` exceeds that of `reference` on the same rows; below 0 is better.
 *
 * Paired: songs that both get wrong alike cancel, so the standard error is much smaller than that of either mean.
 * Shapes: all (rows), in the same order.
 */
export function compareSquaredErrors(
  actual: Float64Array,
  predicted: Float64Array,
  reference: Float64Array,
): MeanWithError {
  return summarise(actual.map((value, i) => (predicted[i] - value) ** 2 - (reference[i] - value) ** 2));
}

function summarise(values: Float64Array): MeanWithError {
  const count = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, standardError: count > 1 ? Math.sqrt(squares / (count - 1) / count) : null };
}
