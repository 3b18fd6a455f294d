import fCdf from '@stdlib/stats-base-dists-f-cdf';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { LeastSquares } from '../statistics/leastSquares.ts';

/** One line of the coefficient table. Figures are null where undefined: aliased terms, or no degrees of freedom left. */
export interface LinearTerm {
  /** `intercept`, or the column's name. */
  readonly name: string;
  /** Points of popularity per unit of the column; 0 where aliased. */
  readonly coefficient: number;
  /** The column was constant or a combination of earlier ones, and so was left out. */
  readonly aliased: boolean;
  readonly standardError: number | null;
  readonly t: number | null;
  /** Two-sided, against a coefficient of zero. */
  readonly p: number | null;
  /** Ends of the 95 % confidence interval. */
  readonly low: number | null;
  readonly high: number | null;
  /** Standard deviation of the column in the training rows, n − 1 in the denominator; 0 for the intercept. */
  readonly deviation: number;
}

/**
 * What an ordinary least-squares fit says beyond its coefficients. It holds for the usual assumptions: independent rows,
 * a linear mean, equal spread of the residuals, and residuals near to normal where rows are few.
 */
export interface LinearInference {
  /** The intercept first, then the columns in order. */
  readonly terms: readonly LinearTerm[];
  readonly rows: number;
  /** Columns that are not aliased; the intercept is not counted. */
  readonly modelDegrees: number;
  readonly residualDegrees: number;
  /** Null where y is constant, as are `adjustedR2`, `f` and `fP`. */
  readonly r2: number | null;
  readonly adjustedR2: number | null;
  /** Against the model that always predicts the mean. */
  readonly f: number | null;
  readonly fP: number | null;
  readonly residualStandardError: number | null;
}

/**
 * Standard errors, tests and intervals of a fit.
 *
 * Accuracy: figures equal statsmodels to 1e-8, tail probabilities included down to where a double underflows.
 */
export function inferLinear(fit: LeastSquares, names: readonly string[]): LinearInference {
  const { rows, rank, explained, residual, total } = fit;
  const residualDegrees = rows - rank - 1;
  const variance = residualDegrees > 0 ? residual / residualDegrees : null;
  const critical = residualDegrees > 0 ? tQuantile(0.975, residualDegrees) : null;

  const inferTerm = (name: string, coefficient: number, unscaled: number, deviation: number): LinearTerm => {
    const aliased = Number.isNaN(unscaled);
    const blank = {
      name,
      coefficient,
      aliased,
      deviation,
      standardError: null,
      t: null,
      p: null,
      low: null,
      high: null,
    };
    if (aliased || variance === null || critical === null) return blank;
    const standardError = Math.sqrt(variance * unscaled);
    const low = coefficient - critical * standardError;
    const high = coefficient + critical * standardError;
    // A perfect fit has no error to measure a coefficient against.
    if (standardError === 0) return { ...blank, standardError, low, high };
    const t = coefficient / standardError;
    // The lower tail, as 1 − cdf would lose every p below 1e-16.
    return { ...blank, standardError, t, p: 2 * tCdf(-Math.abs(t), residualDegrees), low, high };
  };

  const terms = [inferTerm('intercept', fit.intercept, fit.unscaledInterceptVariance, 0)];
  names.forEach((name, i) => {
    terms.push(inferTerm(name, fit.coefficients[i], fit.unscaledVariances[i], fit.deviations[i]));
  });

  const r2 = total > 0 ? 1 - residual / total : null;
  const adjustedR2 = variance === null || total === 0 ? null : 1 - variance / (total / (rows - 1));
  const f = variance === null || variance === 0 || rank === 0 || total === 0 ? null : explained / rank / variance;
  // 1/F has the F distribution with the degrees exchanged: again the lower tail.
  const fP = f === null ? null : f === 0 ? 1 : fCdf(1 / f, residualDegrees, rank);
  return {
    terms,
    rows,
    modelDegrees: rank,
    residualDegrees,
    r2,
    adjustedR2,
    f,
    fP,
    residualStandardError: variance === null ? null : Math.sqrt(variance),
  };
}
