import { expect, test } from 'vitest';
import { expectClose } from '../../testing/expectClose.ts';
import { gaussLegendre } from './gaussLegendre.ts';

test.each([1, 2, 5, 8, 64, 256])('%i points integrate polynomials up to degree 2n − 1', (count) => {
  const { points, weights } = gaussLegendre(count);
  expect([...points]).toEqual([...points].sort((a, b) => a - b));
  expect(points.every((point) => point > 0 && point < 1)).toBe(true);
  expect(weights.every((weight) => weight > 0)).toBe(true);
  const degrees = Array.from({ length: 2 * count }, (_, degree) => degree);
  const integrals = degrees.map((degree) => points.reduce((sum, x, i) => sum + weights[i] * x ** degree, 0));
  // The rounding of up to 256 terms.
  const exact = degrees.map((degree) => 1 / (degree + 1));
  expectClose('integral', integrals, exact, { absolute: 1e-14 });
  // One degree further is out of reach: 2 points see x⁴ as 7/36.
  if (count === 2) expect(points.reduce((sum, x, i) => sum + weights[i] * x ** 4, 0)).toBeCloseTo(7 / 36, 14);
});
