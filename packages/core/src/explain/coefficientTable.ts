import type { LinearInference, LinearTerm } from '../models/inference.ts';

/** A line of the coefficient table, with what makes features of different units comparable. Nulls where undefined. */
export interface CoefficientTableTerm extends LinearTerm {
  /** Points of popularity for one standard deviation of the feature. */
  readonly pointsPerDeviation: number | null;
  /** The same in standard deviations of popularity: the standardised coefficient. */
  readonly standardised: number | null;
  /**
   * Variance inflation factor: by how much the coefficient's variance is larger than it would be were the feature
   * uncorrelated with the others, 1 / (1 − R²) of the feature on the others. At least 1; above 5 to 10, coefficients share
   * what they say.
   */
  readonly inflation: number | null;
}

export interface CoefficientTable {
  /** The intercept first; its added figures are null, as are those of aliased terms. */
  readonly terms: readonly CoefficientTableTerm[];
  /** Standard deviation of popularity in the training rows, n − 1 in the denominator; null where it is not known. */
  readonly deviation: number | null;
}

/**
 * Standardised coefficients and variance inflation of a fit, from what its inference keeps: no rows are needed.
 *
 * A coefficient's variance is s²·inflation / ((n − 1)·deviation²), which is solved for the inflation; popularity's variance is
 * s² / (1 − adjusted R²). Both are undefined for a perfect fit, where s is 0.
 * Accuracy: equal to statsmodels to 1e-8.
 */
export function tabulateCoefficients({
  terms,
  rows,
  residualStandardError: s,
  adjustedR2,
}: LinearInference): CoefficientTable {
  const known = s !== null && s > 0;
  const deviation = known && adjustedR2 !== null ? s / Math.sqrt(1 - adjustedR2) : null;
  return {
    deviation,
    terms: terms.map((term) => {
      if (term.name === 'intercept' || term.aliased) {
        return { ...term, pointsPerDeviation: null, standardised: null, inflation: null };
      }
      const pointsPerDeviation = term.coefficient * term.deviation;
      return {
        ...term,
        pointsPerDeviation,
        standardised: deviation === null ? null : pointsPerDeviation / deviation,
        inflation:
          known && term.standardError !== null ? ((term.standardError / s) * term.deviation) ** 2 * (rows - 1) : null,
      };
    }),
  };
}
