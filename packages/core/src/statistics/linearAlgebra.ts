/**
 * Solves A·x = b for a symmetric positive definite A, by Cholesky's decomposition.
 *
 * Shapes: matrix (size, size), of which the lower triangle is read; right (size).
 * Throws: RangeError where rounding leaves A without a positive pivot.
 */
export function solvePositive(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j];
      for (let k = 0; k < j; k++) sum -= lower[i * size + k] * lower[j * size + k];
      if (i !== j) lower[i * size + j] = sum / lower[j * size + j];
      else if (sum > 0) lower[i * size + i] = Math.sqrt(sum);
      else throw new RangeError(`solvePositive: the matrix must be positive definite, got pivot ${sum} at ${i}`);
    }
  }
  const solution = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) solution[i] -= lower[i * size + k] * solution[k];
    solution[i] /= lower[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i] -= lower[k * size + i] * solution[k];
    solution[i] /= lower[i * size + i];
  }
  return solution;
}

/**
 * Makes each column uncorrelated with those before it and gives it mean square 1, in place (Gram–Schmidt).
 *
 * With a constant as the first column, random columns come out with exactly the moments that they have only on average
 * when drawn. A column that is a combination of earlier ones becomes 0.
 */
export function orthonormalise(columns: readonly Float64Array[]): void {
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum / a.length;
  };
  for (const [k, column] of columns.entries()) {
    const before = dot(column, column);
    for (const earlier of columns.slice(0, k)) {
      const share = dot(column, earlier);
      for (let i = 0; i < column.length; i++) column[i] -= share * earlier[i];
    }
    const rest = dot(column, column);
    // What remains of a dependent column is rounding.
    const scale = rest > 1e-18 * before ? 1 / Math.sqrt(rest) : 0;
    for (let i = 0; i < column.length; i++) column[i] *= scale;
  }
}
