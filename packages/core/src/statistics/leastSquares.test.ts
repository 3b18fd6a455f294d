import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeRandom } from '../../testing/madeTracks.ts';
import { inferLinear } from '../models/inference.ts';
import { leastSquares } from './leastSquares.ts';

type Figure = 'coefficients' | 'standardErrors' | 't' | 'p' | 'low' | 'high';
type GoldenSet = Record<Figure | 'x' | 'y' | 'predicted', number[]> &
  Record<'rows' | 'columns' | 'r2' | 'adjustedR2' | 'f' | 'fP', number> &
  Record<'residualStandardError' | 'residualDegrees' | 'modelDegrees', number> & { name: string };

const golden: { sets: GoldenSet[] } = JSON.parse(
  readFileSync(new URL('../models/golden/linear.json', import.meta.url), 'utf8'),
);

describe.each(golden.sets)('golden $name', (set) => {
  const fit = leastSquares(Float64Array.from(set.x), set.rows, set.columns, Float64Array.from(set.y));
  const inference = inferLinear(
    fit,
    Array.from({ length: set.columns }, (_, i) => `x${i}`),
  );
  const column = (key: 'coefficient' | 'standardError' | 't' | 'p' | 'low' | 'high') =>
    inference.terms.map((term) => term[key] as number);

  // statsmodels itself is within 1e-12 of the exact solution here; a p of 1e-93 multiplies the error of t by about 500.
  test.each([
    ['coefficients', column('coefficient')],
    ['standardErrors', column('standardError')],
    ['t', column('t')],
    ['p', column('p')],
    ['low', column('low')],
    ['high', column('high')],
    ['r2', [inference.r2]],
    ['adjustedR2', [inference.adjustedR2]],
    ['f', [inference.f]],
    ['fP', [inference.fP]],
    ['residualStandardError', [inference.residualStandardError]],
    ['residualDegrees', [inference.residualDegrees]],
    ['modelDegrees', [inference.modelDegrees]],
  ] as const)('%s equal statsmodels to 1e-8', (key, found) => {
    expect(worstRelative(found as number[], [set[key]].flat())).toBeLessThan(1e-8);
  });

  test('predictions equal statsmodels', () => {
    const found = set.predicted.map((_, row) => {
      let sum = fit.intercept;
      for (let j = 0; j < set.columns; j++) sum += fit.coefficients[j] * set.x[row * set.columns + j];
      return sum;
    });
    expect(worstRelative(found, set.predicted)).toBeLessThan(1e-8);
  });
});

test('the golden sets reach p-values far below 1e-16 and units 1e11 apart', () => {
  expect(Math.min(...golden.sets.flatMap((set) => set.p))).toBeLessThan(1e-50);
  const scaled = golden.sets.find((set) => set.name === 'scaled')?.coefficients.map(Math.abs) ?? [];
  expect(Math.max(...scaled) / Math.min(...scaled)).toBeGreaterThan(1e10);
});

test('a constant column and a combination of earlier ones are dropped, the rest unchanged', () => {
  const random = makeRandom(3);
  const rows = 40;
  const a = Float64Array.from({ length: rows }, random);
  const b = Float64Array.from({ length: rows }, random);
  const y = Float64Array.from({ length: rows }, (_, i) => 5 + 2 * a[i] - b[i] + random());
  const plain = leastSquares(interleave([a, b]), rows, 2, y);
  const combination = a.map((value, i) => 3 * value - 2e3 * b[i] + 7);
  const wide = leastSquares(interleave([a.map(() => 0.1), a, b, combination, a]), rows, 5, y);
  expect([...wide.aliased]).toEqual([1, 0, 0, 1, 1]);
  expect(wide.rank).toBe(2);
  expect([...wide.coefficients]).toEqual([0, ...plain.coefficients, 0, 0]);
  const { terms, residualDegrees } = inferLinear(wide, ['constant', 'a', 'b', 'combination', 'again']);
  expect(residualDegrees).toBe(37);
  expect(terms[4]).toMatchObject({ name: 'combination', coefficient: 0, aliased: true, standardError: null, p: null });
});

test('residuals are orthogonal to every column, whatever the data', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 8 }),
      (seed, rows, columns) => {
        const random = makeRandom(seed);
        const sizes = Array.from({ length: columns }, () => 10 ** (12 * random() - 6));
        const x = Float64Array.from({ length: rows * columns }, (_, i) => (random() - 0.3) * sizes[i % columns]);
        const y = Float64Array.from({ length: rows }, () => 100 * random());
        const fit = leastSquares(x, rows, columns, y);
        for (let j = 0; j < columns; j++) {
          let product = 0;
          for (let i = 0; i < rows; i++) {
            let left = y[i] - fit.intercept;
            for (let k = 0; k < columns; k++) left -= fit.coefficients[k] * x[i * columns + k];
            product += left * (x[i * columns + j] / sizes[j]);
          }
          // Near-singular draws have large coefficients, whose rounding shows here: 1e-7 is collinearShare's worst.
          expect(Math.abs(product)).toBeLessThan(1e-5 * rows);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('figures without degrees of freedom are null, and so are those of a constant target', () => {
  const exact = inferLinear(leastSquares(Float64Array.of(1, 2), 2, 1, Float64Array.of(3, 5)), ['a']);
  expect(exact).toMatchObject({ residualDegrees: 0, adjustedR2: null, f: null, fP: null, residualStandardError: null });
  expect(exact.terms[1]).toMatchObject({ name: 'a', standardError: null, t: null, p: null });
  expect(exact.terms[1].coefficient).toBeCloseTo(2, 14);
  const flat = inferLinear(leastSquares(Float64Array.of(1, 2, 4), 3, 1, Float64Array.of(7, 7, 7)), ['a']);
  expect(flat).toMatchObject({ r2: null, adjustedR2: null, f: null, fP: null });
  expect(flat.terms[0].coefficient).toBe(7);
});

test('bad input is refused', () => {
  expect(() => leastSquares(new Float64Array(0), 0, 1, new Float64Array(0))).toThrow('at least one row');
  expect(() => leastSquares(new Float64Array(3), 2, 1, new Float64Array(2))).toThrow('2 × 1 values, got 3');
  expect(() => leastSquares(Float64Array.of(1, Number.NaN), 2, 1, new Float64Array(2))).toThrow('finite, got NaN at 1');
});

function interleave(columns: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: columns.length * columns[0].length }, (_, i) => {
    return columns[i % columns.length][Math.floor(i / columns.length)];
  });
}

function worstRelative(found: readonly number[], expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  // NaN must not win over a number, so it becomes infinite.
  return Math.max(...found.map((value, i) => Math.abs(value / expected[i] - 1)).map((e) => (e >= 0 ? e : Infinity)));
}
