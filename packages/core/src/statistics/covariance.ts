/** Means and covariances of columns and of a target: all that a linear fit by least squares needs of its rows. */
export interface Covariances {
  readonly rows: number;
  /** (columns). */
  readonly means: Float64Array;
  readonly targetMean: number;
  /** Mean products of the centred columns: (columns, columns). */
  readonly covariance: Float64Array;
  /** Mean products of the centred columns with the centred target: (columns). */
  readonly relation: Float64Array;
  /** Mean square of the centred target. */
  readonly targetVariance: number;
}

/** Population covariances, n in the denominator. Shapes: x (rows, columns), row-major; y (rows). */
export function measureCovariances(x: Float64Array, y: Float64Array): Covariances {
  const rows = y.length;
  const columns = x.length / rows;
  const means = new Float64Array(columns);
  let targetMean = 0;
  for (let row = 0; row < rows; row++) {
    targetMean += y[row] / rows;
    for (let j = 0; j < columns; j++) means[j] += x[row * columns + j] / rows;
  }
  const covariance = new Float64Array(columns * columns);
  const relation = new Float64Array(columns);
  const centred = new Float64Array(columns);
  let targetVariance = 0;
  for (let row = 0; row < rows; row++) {
    const target = y[row] - targetMean;
    targetVariance += target * target;
    for (let j = 0; j < columns; j++) centred[j] = x[row * columns + j] - means[j];
    for (let j = 0; j < columns; j++) {
      relation[j] += centred[j] * target;
      for (let k = 0; k <= j; k++) covariance[j * columns + k] += centred[j] * centred[k];
    }
  }
  for (let j = 0; j < columns; j++) {
    relation[j] /= rows;
    for (let k = 0; k <= j; k++) {
      covariance[j * columns + k] /= rows;
      covariance[k * columns + j] = covariance[j * columns + k];
    }
  }
  return { rows, means, targetMean, covariance, relation, targetVariance: targetVariance / rows };
}
