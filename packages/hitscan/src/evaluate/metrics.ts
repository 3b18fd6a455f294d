import { checkPairs } from './checkPairs.ts';
import { average, sumProducts, sumSquaredDeviations } from './moments.ts';
import { correlateOrders, correlateRanks } from './rankCorrelation.ts';
import type { Metrics } from './results.ts';

/**
 * How well predictions meet actual values; `Metrics` says what each figure is, and when it is null.
 *
 * Shapes: actual and predicted (rows), in the same order.
 * Accuracy: equal to scikit-learn and SciPy to 1e-10.
 * Throws: RangeError for no rows, unequal lengths or a value that is not finite.
 */
export function measure(actual: Float64Array, predicted: Float64Array): Metrics {
  checkPairs('measure', actual, predicted);
  const rows = actual.length;
  let sum = 0;
  let squares = 0;
  const sizes = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const error = predicted[i] - actual[i];
    sum += error;
    squares += error * error;
    sizes[i] = Math.abs(error);
  }
  const mse = squares / rows;
  const actualSquares = sumSquaredDeviations(actual);
  const predictedSquares = sumSquaredDeviations(predicted);
  const calibrationSlope = predictedSquares > 0 ? sumProducts(predicted, actual) / predictedSquares : null;
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: average(sizes),
    medianAbsoluteError: median(sizes),
    r2: actualSquares > 0 ? 1 - squares / actualSquares : null,
    spearman: correlateRanks(actual, predicted),
    kendall: correlateOrders(actual, predicted),
    within5: shareWithin(sizes, 5),
    within10: shareWithin(sizes, 10),
    bias: sum / rows,
    calibrationSlope,
    calibrationIntercept: calibrationSlope === null ? null : average(actual) - calibrationSlope * average(predicted),
    spread: actualSquares > 0 ? Math.sqrt(predictedSquares / actualSquares) : null,
  };
}

/** The mean of the two middle values where their number is even. */
function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function shareWithin(sizes: Float64Array, limit: number): number {
  let count = 0;
  for (const size of sizes) if (size <= limit) count++;
  return count / sizes.length;
}
