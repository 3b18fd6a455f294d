import { randomStream } from '@hitscan/mamba';
import { describe, expect, test } from 'vitest';
import { orthonormalise, solvePositive } from './linearAlgebra.ts';

describe('solvePositive', () => {
  test('solves a system by hand, and reads the lower triangle only', () => {
    const matrix = Float64Array.of(4, Number.NaN, Number.NaN, 2, 5, Number.NaN, 0, 3, 6);
    // A·(1, 2, 3) with A symmetric.
    const right = Float64Array.of(4 + 4, 2 + 10 + 9, 6 + 18);
    solvePositive(matrix, right).forEach((value, i) => {
      expect(value).toBeCloseTo(i + 1, 12);
    });
  });

  test('refuses a matrix that is not positive definite', () => {
    expect(() => solvePositive(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1))).toThrow(
      'must be positive definite, got pivot -3 at 1',
    );
  });
});

describe('orthonormalise', () => {
  const random = randomStream(1, 'orthonormalise test');
  const draw = () => Float64Array.from({ length: 200 }, () => random.normal() + 5);
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;

  test('leaves columns of mean square 1, no two of them correlated', () => {
    const columns = [new Float64Array(200).fill(1), draw(), draw(), draw()];
    orthonormalise(columns);
    for (const [i, a] of columns.entries()) {
      for (const [j, b] of columns.entries()) {
        // Each of three projections may leave a rounding of some 1e-15.
        expect(Math.abs(product(a, b) - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      }
    }
  });

  test('makes a column that is a combination of earlier ones zero', () => {
    const [a, b] = [draw(), draw()];
    const columns = [a, b, a.map((value, i) => 2 * value - b[i])];
    orthonormalise(columns);
    expect(product(columns[2], columns[2])).toBe(0);
  });
});
