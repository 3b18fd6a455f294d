import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { average, sumSquaredDeviations } from './moments.ts';

/** A figure and how far chance moves it. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** An estimated difference, held against none. */
export interface DifferenceEstimate extends Estimate {
  /** Two-sided, before any correction for the number of comparisons. */
  readonly p: number;
}

/**
 * A difference's 95 % interval and two-sided p by Student's distribution. Without any error, the interval is the value
 * itself, and p 0 or, for no difference, 1.
 */
export function estimateByT(value: number, standardError: number, degrees: number): DifferenceEstimate {
  if (standardError === 0) return { value, standardError, low: value, high: value, p: value === 0 ? 1 : 0 };
  const reach = tQuantile(0.975, degrees) * standardError;
  // The lower tail, as 1 − cdf would lose every p below 1e-16.
  const p = 2 * tCdf(-Math.abs(value) / standardError, degrees);
  return { value, standardError, low: value - reach, high: value + reach, p };
}

/**
 * Corrected resampled t: the mean of differences found fold by fold, allowing for training rows that folds share.
 *
 * With J differences of variance s² (J − 1 in the denominator), the squared standard error is s²·(1/J + n_test/n_train)
 * on J − 1 degrees of freedom; s²/J alone is too small, as models fitted on overlapping rows err alike.
 * Shapes: differences (folds, of all repeats), each with the same weight; null for fewer than two. `testRatio` is the
 * number of rows held out over the number fitted on, averaged over folds.
 * Source: Nadeau & Bengio 2003, "Inference for the generalization error"; Bouckaert & Frank 2004 for repeated folds.
 * Accuracy: equal to SciPy to 1e-10.
 */
export function correctedResampledT(differences: Float64Array, testRatio: number): DifferenceEstimate | null {
  const count = differences.length;
  if (count < 2) return null;
  const value = average(differences);
  const variance = sumSquaredDeviations(differences) / (count - 1);
  return estimateByT(value, Math.sqrt(variance * (1 / count + testRatio)), count - 1);
}

/**
 * Holm's correction: p values as large as they have to be so that, of all true hypotheses together, one is rejected at
 * level α with a probability of α at most, whatever their dependence. In the order given.
 * Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
 */
export function correctHolm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const corrected = new Array<number>(values.length);
  let largest = 0;
  order.forEach((index, place) => {
    largest = Math.max(largest, Math.min(1, (values.length - place) * values[index]));
    corrected[index] = largest;
  });
  return corrected;
}
