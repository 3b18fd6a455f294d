import type { ContextGroup } from '../features/context.ts';
import type { Covariances } from '../statistics/covariance.ts';
import { solvePositive } from '../statistics/linearAlgebra.ts';
import { type FittedPenalised, penalisedRegressor } from './penalised.ts';
import type { Regressor } from './regressor.ts';

/** Penalties that are tried, a training row: from 1000, where nothing is left of a coefficient, to 0.00001. */
const penaltyCount = 65;
const highestPower = 3;
const lowestPower = -5;

/**
 * Coefficients that minimise Σ(y − X·w)² + α·Σw², for each penalty α.
 *
 * Accuracy: equal to scikit-learn's Ridge to 1e-8.
 */
export function solveRidge({ rows, covariance, relation }: Covariances, penalties: Float64Array): Float64Array[] {
  return Array.from(penalties, (penalty) => {
    const matrix = covariance.slice();
    for (let j = 0; j < relation.length; j++) matrix[j * relation.length + j] += penalty / rows;
    return solvePositive(matrix, relation);
  });
}

function listPenalties({ rows }: Covariances): Float64Array {
  const step = (highestPower - lowestPower) / (penaltyCount - 1);
  return Float64Array.from({ length: penaltyCount }, (_, k) => rows * 10 ** (highestPower - k * step));
}

/**
 * Ridge regression (see `penalisedRegressor`): `ridge` on the columns themselves, `ridge-quadratic` on their squares and
 * products too. `penalty` is scikit-learn's `alpha`.
 */
export function ridgeRegressor(
  name: 'ridge' | 'ridge-quadratic',
  groups: readonly ContextGroup[],
): Regressor<FittedPenalised> {
  return penalisedRegressor(
    { name, quadratic: name === 'ridge-quadratic', listPenalties, solvePath: solveRidge },
    groups,
  );
}
