/** A column whose spread is below this share of its size holds nothing but rounding: it counts as constant. */
const constantShare = 1e-12;

/** A column of which less than this share remains after the columns before it are taken out counts as their combination. */
const collinearShare = 1e-7;

/** An ordinary least-squares fit with an intercept. `columns` and `rank` do not count the intercept. */
export interface LeastSquares {
  readonly rows: number;
  readonly columns: number;
  /** Columns that are not aliased. */
  readonly rank: number;
  readonly intercept: number;
  /** (columns); 0 where aliased. */
  readonly coefficients: Float64Array;
  /** (columns); 1 where a column is constant or a combination of earlier ones, and so was left out. */
  readonly aliased: Uint8Array;
  /** (columns). */
  readonly means: Float64Array;
  /** (columns); with n − 1 in the denominator. */
  readonly deviations: Float64Array;
  /** Variances of the coefficients as shares of the residual variance: (columns), NaN where aliased. */
  readonly unscaledVariances: Float64Array;
  readonly unscaledInterceptVariance: number;
  /** Sums of squares about the mean of y: explained by the fit, left over, and their total. */
  readonly explained: number;
  readonly residual: number;
  readonly total: number;
}

/**
 * Fits y = intercept + X·coefficients by ordinary least squares.
 *
 * Columns are centred, scaled to unit length and made orthogonal one after the other (Gram–Schmidt, each twice, which
 * keeps them orthogonal to rounding: Giraud, Langou & Rozložník 2005). So the accuracy depends neither on units nor on
 * offsets. Where columns are collinear the later one is dropped: `aliased`, coefficient 0.
 * A library's QR would not tell which column to drop, as it goes on through a column that has nothing left.
 * Shapes: x (rows, columns), row-major; y (rows).
 * Throws: RangeError for no rows, wrong lengths or values that are not finite.
 */
export function leastSquares(x: Float64Array, rows: number, columns: number, y: Float64Array): LeastSquares {
  checkShapes(x, rows, columns, y);
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  const lengths = new Float64Array(columns);
  const aliased = new Uint8Array(columns);
  const kept: number[] = [];
  const basis: Float64Array[] = [];
  // Upper triangular: column k holds the k-th kept column in terms of the basis.
  const triangle: Float64Array[] = [];

  for (let column = 0; column < columns; column++) {
    const values = new Float64Array(rows);
    let size = 0;
    for (let row = 0; row < rows; row++) {
      values[row] = x[row * columns + column];
      size = Math.max(size, Math.abs(values[row]));
    }
    means[column] = center(values);
    const length = norm(values);
    lengths[column] = length;
    deviations[column] = rows > 1 ? length / Math.sqrt(rows - 1) : 0;
    if (length <= constantShare * size * Math.sqrt(rows)) {
      aliased[column] = 1;
      continue;
    }
    divide(values, length);
    const weights = removeBasis(values, basis);
    const remaining = norm(values);
    if (remaining < collinearShare || basis.length === rows - 1) {
      aliased[column] = 1;
      continue;
    }
    divide(values, remaining);
    weights[basis.length] = remaining;
    triangle.push(weights);
    basis.push(values);
    kept.push(column);
  }

  const left = Float64Array.from(y);
  const yMean = center(left);
  const total = dot(left, left);
  const projection = removeBasis(left, basis);
  const inverse = invertTriangle(triangle);

  const rank = kept.length;
  const coefficients = new Float64Array(columns);
  const unscaledVariances = new Float64Array(columns).fill(Number.NaN);
  let intercept = yMean;
  for (let i = 0; i < rank; i++) {
    const column = kept[i];
    let coefficient = 0;
    let variance = 0;
    for (let j = i; j < rank; j++) {
      coefficient += inverse[j][i] * projection[j];
      variance += inverse[j][i] ** 2;
    }
    coefficients[column] = coefficient / lengths[column];
    unscaledVariances[column] = variance / lengths[column] ** 2;
    intercept -= coefficients[column] * means[column];
  }

  return {
    rows,
    columns,
    rank,
    intercept,
    coefficients,
    aliased,
    means,
    deviations,
    unscaledVariances,
    unscaledInterceptVariance: 1 / rows + meanVariance(inverse, kept, means, lengths),
    explained: dot(projection, projection),
    residual: dot(left, left),
    total,
  };
}

function checkShapes(x: Float64Array, rows: number, columns: number, y: Float64Array): void {
  if (rows < 1) throw new RangeError(`leastSquares: needs at least one row, got ${rows}`);
  if (x.length !== rows * columns) {
    throw new RangeError(`leastSquares: x must hold ${rows} × ${columns} values, got ${x.length}`);
  }
  if (y.length !== rows) throw new RangeError(`leastSquares: y must hold ${rows} values, got ${y.length}`);
  const wrong = x.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new RangeError(`leastSquares: x must be finite, got ${x[wrong]} at ${wrong}`);
  const wrongTarget = y.findIndex((value) => !Number.isFinite(value));
  if (wrongTarget >= 0) throw new RangeError(`leastSquares: y must be finite, got ${y[wrongTarget]} at ${wrongTarget}`);
}

/** Subtracts the mean in place and returns it. The second pass removes the rounding of the first. */
function center(values: Float64Array): number {
  let mean = 0;
  for (let pass = 0; pass < 2; pass++) {
    let sum = 0;
    for (const value of values) sum += value;
    const shift = sum / values.length;
    for (let i = 0; i < values.length; i++) values[i] -= shift;
    mean += shift;
  }
  return mean;
}

/** Takes out of `values`, in place, all that the basis explains; returns the weights, with room for one more. */
function removeBasis(values: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const weights = new Float64Array(basis.length + 1);
  for (let pass = 0; pass < 2; pass++) {
    for (let k = 0; k < basis.length; k++) {
      const direction = basis[k];
      const weight = dot(direction, values);
      weights[k] += weight;
      for (let i = 0; i < values.length; i++) values[i] -= weight * direction[i];
    }
  }
  return weights;
}

/** The inverse of an upper triangular matrix; both are lists of columns. */
function invertTriangle(triangle: readonly Float64Array[]): Float64Array[] {
  return triangle.map((_, j) => {
    const column = new Float64Array(triangle.length);
    column[j] = 1 / triangle[j][j];
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let k = i + 1; k <= j; k++) sum += triangle[k][i] * column[k];
      column[i] = -sum / triangle[i][i];
    }
    return column;
  });
}

/** What the uncertainty of the coefficients adds to the intercept's: x̄ᵀ(XᵀX)⁻¹x̄ for centred X. */
function meanVariance(
  inverse: readonly Float64Array[],
  kept: readonly number[],
  means: Float64Array,
  lengths: Float64Array,
): number {
  let variance = 0;
  for (const column of inverse) {
    let sum = 0;
    for (let i = 0; i < kept.length; i++) sum += (column[i] * means[kept[i]]) / lengths[kept[i]];
    variance += sum * sum;
  }
  return variance;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}

function divide(values: Float64Array, divisor: number): void {
  for (let i = 0; i < values.length; i++) values[i] /= divisor;
}
