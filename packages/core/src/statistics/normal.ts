import erfc from '@stdlib/math-base-special-erfc';
import { rankShares } from './ranks.ts';

/** The standard normal distribution function. Accuracy: relative error of some z² + 1 last bits, in either tail. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2);
}

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

/**
 * Normal scores: the values that a standard normal variable would have at these ranks; equal values share their mean rank.
 * Source: Hazen's plotting positions, (rank − ½)/n.
 */
export function normalScores(values: Float64Array): Float64Array {
  return rankShares(values).map(normalQuantile);
}
