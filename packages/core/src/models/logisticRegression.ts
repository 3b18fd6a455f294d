import { solvePositive } from '../statistics/linearAlgebra.ts';

export interface LogisticFit {
  readonly intercept: number;
  /** (columns). */
  readonly coefficients: Float64Array;
}

/** Newton's method doubles the correct digits a step; halved steps come only while it is far off. */
const mostSteps = 100;
/** Of the decrement, half the squared length of a step in the objective's own measure, against the objective. */
const tolerance = 1e-16;

/** 1 / (1 + e^−x), without overflow. */
export function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/** log(1 + e^x), without overflow. */
function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * Fits P(label = 1) = 1 / (1 + e^−(intercept + x·w)): minimises Σw²/2 + C·Σ of the rows' negative log-likelihoods; the
 * intercept goes free. The penalty keeps w finite where the classes can be separated. Newton's method, its steps halved
 * while they do not help.
 *
 * Shapes: x (rows, columns), row-major; labels (rows), 0 or 1, both of them there.
 * Accuracy: equal to scikit-learn's LogisticRegression(C), run to convergence, to 1e-6.
 * Throws: RangeError where all labels are equal: the intercept has no end.
 */
export function fitLogistic(x: Float64Array, labels: Uint8Array, C: number): LogisticFit {
  const rows = labels.length;
  const columns = x.length / rows;
  const ones = labels.reduce((sum, label) => sum + label, 0);
  if (ones === 0 || ones === rows) throw new RangeError(`fitLogistic: needs both labels, got ${ones} ones in ${rows}`);

  const size = columns + 1;
  // The intercept last.
  let weights = new Float64Array(size);
  weights[columns] = Math.log(ones / (rows - ones));
  const score = (at: Float64Array, row: number) => {
    let sum = at[columns];
    for (let j = 0; j < columns; j++) sum += at[j] * x[row * columns + j];
    return sum;
  };
  const evaluate = (at: Float64Array) => {
    let penalty = 0;
    for (let j = 0; j < columns; j++) penalty += at[j] * at[j];
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const s = score(at, row);
      loss += softplus(labels[row] === 1 ? -s : s);
    }
    return penalty / 2 + C * loss;
  };

  let objective = evaluate(weights);
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, hessian } = differentiate(x, labels, C, weights, score);
    const direction = solvePositive(hessian, gradient);
    let decrement = 0;
    for (let j = 0; j < size; j++) decrement += (gradient[j] * direction[j]) / 2;
    let length = 1;
    let next = weights;
    let reached = Number.POSITIVE_INFINITY;
    for (; length > 1e-10; length /= 2) {
      const scale = length;
      next = weights.map((weight, j) => weight - scale * direction[j]);
      reached = evaluate(next);
      if (reached <= objective) break;
    }
    // Below rounding no step helps any more.
    if (reached > objective) break;
    weights = next;
    objective = reached;
    if (decrement <= tolerance * Math.max(1, objective)) break;
  }
  return { intercept: weights[columns], coefficients: weights.slice(0, columns) };
}

function differentiate(
  x: Float64Array,
  labels: Uint8Array,
  C: number,
  weights: Float64Array,
  score: (weights: Float64Array, row: number) => number,
): { gradient: Float64Array; hessian: Float64Array } {
  const size = weights.length;
  const columns = size - 1;
  const gradient = weights.slice();
  gradient[columns] = 0;
  const hessian = new Float64Array(size * size);
  for (let j = 0; j < columns; j++) hessian[j * size + j] = 1;
  const row = new Float64Array(size);
  row[columns] = 1;
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < columns; j++) row[j] = x[i * columns + j];
    const p = logistic(score(weights, i));
    const slope = C * (p - labels[i]);
    const curvature = C * p * (1 - p);
    for (let j = 0; j < size; j++) {
      gradient[j] += slope * row[j];
      for (let k = 0; k <= j; k++) hessian[j * size + k] += curvature * row[j] * row[k];
    }
  }
  return { gradient, hessian };
}
