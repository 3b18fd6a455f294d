import type { ContextGroup } from '../features/context.ts';
import type { Covariances } from '../statistics/covariance.ts';
import { type FittedPenalised, penalisedRegressor } from './penalised.ts';
import type { Regressor } from './regressor.ts';

/** Penalties that are tried: from the one that leaves no coefficient to a ten-thousandth of it. */
const penaltyCount = 80;
const penaltyRange = 1e-4;

/** A sweep that moves no coefficient by more than this share of the target's deviation ends the descent. */
const tolerance = 1e-13;
const mostSweeps = 100_000;

/**
 * Coefficients that minimise Σ(y − X·w)² / (2·rows) + α·Σ|w|, for each penalty α, in order.
 *
 * Coordinate descent on the columns' covariances (Friedman, Hastie & Tibshirani 2010), begun at the solution of the
 * penalty before; between two sweeps over all columns, those with a coefficient are swept until they rest.
 * Accuracy: equal to scikit-learn's Lasso, run to convergence, to 1e-8.
 */
export function solveLasso(covariances: Covariances, penalties: Float64Array): Float64Array[] {
  const { covariance, relation, targetVariance } = covariances;
  const columns = relation.length;
  const coefficients = new Float64Array(columns);
  // Of each column with what is not explained yet.
  const left = relation.slice();
  const least = tolerance * Math.sqrt(targetVariance);

  /** Returns the greatest move, in units of the target. */
  function sweep(penalty: number, active: boolean): number {
    let greatest = 0;
    for (let j = 0; j < columns; j++) {
      const variance = covariance[j * columns + j];
      const before = coefficients[j];
      if (variance === 0 || (active && before === 0)) continue;
      const free = left[j] + variance * before;
      const after = (Math.sign(free) * Math.max(0, Math.abs(free) - penalty)) / variance;
      if (after === before) continue;
      coefficients[j] = after;
      for (let k = 0; k < columns; k++) left[k] -= covariance[j * columns + k] * (after - before);
      greatest = Math.max(greatest, Math.abs(after - before) * Math.sqrt(variance));
    }
    return greatest;
  }

  return Array.from(penalties, (penalty) => {
    for (let sweeps = 0; sweeps < mostSweeps; sweeps++) {
      if (sweep(penalty, false) <= least) break;
      while (sweeps < mostSweeps && sweep(penalty, true) > least) sweeps++;
    }
    return coefficients.slice();
  });
}

function listPenalties({ relation }: Covariances): Float64Array {
  const greatest = relation.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Float64Array.from({ length: penaltyCount }, (_, k) => greatest * penaltyRange ** (k / (penaltyCount - 1)));
}

/** The lasso (see `penalisedRegressor`). `penalty` is scikit-learn's `alpha`. */
export function lassoRegressor(groups: readonly ContextGroup[]): Regressor<FittedPenalised> {
  return penalisedRegressor({ name: 'lasso', quadratic: false, listPenalties, solvePath: solveLasso }, groups);
}
