import { z } from 'zod';
import { average, sumProducts, sumSquaredDeviations } from '../statistics/moments.ts';
import { median } from '../statistics/quantiles.ts';
import { kendallCorrelation, spearmanCorrelation } from '../statistics/ranks.ts';
import { checkPairs } from './pairs.ts';

/**
 * Errors and correlations of predictions, in points of popularity unless said otherwise. `null` where a figure is
 * undefined: a constant has no rank, no spread to explain and no slope.
 */
export const metricsSchema = z
  .object({
    /** Mean squared error, in squared points. */
    mse: z.number().min(0),
    /** Its root. */
    rmse: z.number().min(0),
    /** Mean absolute error. */
    mae: z.number().min(0),
    medianAbsoluteError: z.number().min(0),
    /** 1 − squared errors over squared deviations from the mean of these actual values; below 0 is worse than that mean. */
    r2: z.number().nullable(),
    /** Correlation of ranks, ties sharing their average rank. −1 to 1. */
    spearman: z.number().nullable(),
    /** Tau-b, which allows for ties. −1 to 1. */
    kendall: z.number().nullable(),
    /** Share of predictions at most 5 points off. 0 to 1. */
    within5: z.number().min(0).max(1),
    /** Share of predictions at most 10 points off. 0 to 1. */
    within10: z.number().min(0).max(1),
    /** Mean of predicted − actual: above 0, predictions are too high on average. */
    bias: z.number(),
    /** Least-squares slope of actual on predicted, in points a point: below 1, predictions lie too far apart. */
    calibrationSlope: z.number().nullable(),
    /** That line's value at a prediction of 0. */
    calibrationIntercept: z.number().nullable(),
    /** Standard deviation of the predictions over that of the actual values: far below 1, predictions vary too little. */
    spread: z.number().nullable(),
  })
  .readonly();
export type Metrics = z.infer<typeof metricsSchema>;

/**
 * Measures predictions against actual values; `Metrics` says what each figure is, and when it is null.
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
    spearman: spearmanCorrelation(actual, predicted),
    kendall: kendallCorrelation(actual, predicted),
    within5: shareWithin(sizes, 5),
    within10: shareWithin(sizes, 10),
    bias: sum / rows,
    calibrationSlope,
    calibrationIntercept: calibrationSlope === null ? null : average(actual) - calibrationSlope * average(predicted),
    spread: actualSquares > 0 ? Math.sqrt(predictedSquares / actualSquares) : null,
  };
}

function shareWithin(sizes: Float64Array, limit: number): number {
  let count = 0;
  for (const size of sizes) if (size <= limit) count++;
  return count / sizes.length;
}
