import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { average, sampleVariance } from '../statistics/moments.ts';

/** The significance level: the accepted probability of a false positive, and 1 less the level of a single interval. */
export const alpha = 0.05;

/** A figure and how far chance moves it. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  /** Ends of the interval: 95 %, where nothing else is said. */
  readonly low: number;
  readonly high: number;
}

/** An estimated difference, with a test of the hypothesis that there is none. */
export interface DifferenceEstimate extends Estimate {
  /** Two-sided, before any correction for the number of comparisons. */
  readonly p: number;
}

/**
 * A difference's two-sided p by Student's distribution, and the interval that excludes 0 where p is below `error`, which is 1
 * less its level. Without any error, the interval is the value itself, and p 0 or, for no difference, 1.
 */
export function estimateByT(
  value: number,
  standardError: number,
  degrees: number,
  error: number = alpha,
): DifferenceEstimate {
  if (standardError === 0) return { value, standardError, low: value, high: value, p: value === 0 ? 1 : 0 };
  const reach = tQuantile(1 - error / 2, degrees) * standardError;
  // The lower tail, as 1 − cdf would lose every p below 1e-16.
  const p = 2 * tCdf(-Math.abs(value) / standardError, degrees);
  return { value, standardError, low: value - reach, high: value + reach, p };
}

/**
 * Wilson's ends for a share seen in so many independent trials, `reach` standard errors apart from it; within 0 and 1, and
 * not all on one place where nothing, or everything, happened.
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
 */
export function wilsonInterval(share: number, trials: number, reach: number): [low: number, high: number] {
  const square = reach ** 2;
  const middle = (share + square / (2 * trials)) / (1 + square / trials);
  const half = (reach * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials ** 2))) / (1 + square / trials);
  // Exactly so where nothing, or everything, happened; rounding has it otherwise.
  return [share === 0 ? 0 : middle - half, share === 1 ? 1 : middle + half];
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
export function correctedResampledT(
  differences: Float64Array,
  testRatio: number,
  error: number = alpha,
): DifferenceEstimate | null {
  const count = differences.length;
  if (count < 2) return null;
  const value = average(differences);
  return estimateByT(value, Math.sqrt(sampleVariance(differences) * (1 / count + testRatio)), count - 1, error);
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

/**
 * What each of several hypotheses is tested at by Holm's procedure, so that an interval of 1 less that level excludes 0 where,
 * and only where, the hypothesis of no difference is rejected. In the order of p the levels are α/m, α/(m − 1), … until the
 * first that is not rejected: its level is that of all that are left, of which none is. `excludesZero` says whether the
 * interval of a hypothesis does so at a level.
 *
 * The family-wise error rate is controlled for the verdicts: of true hypotheses one is rejected with probability α at most. Each
 * interval contains its 95 % one and so holds its own true value 95 times in 100 or more; together they are no simultaneous
 * set, which for Holm's procedure would say little of a rejected hypothesis but the sign (Strassburger & Bretz 2008).
 * Source: Holm 1979; as intervals Serlin 1993, "Confidence intervals and the scientific method: a case for Holm on the range".
 */
export function stepByHolm(
  values: readonly number[],
  excludesZero: (index: number, error: number) => boolean,
): number[] {
  const errors = new Array<number>(values.length);
  let open = values.length;
  let stopped = false;
  for (const index of [...values.keys()].sort((a, b) => values[a] - values[b])) {
    errors[index] = alpha / open;
    if (stopped) continue;
    if (excludesZero(index, errors[index])) open--;
    else stopped = true;
  }
  return errors;
}
