import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inferLinear } from '../models/inference.ts';
import { leastSquares } from '../statistics/leastSquares.ts';
import { tabulateCoefficients } from './coefficientTable.ts';

interface Golden {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly deviation: number;
  readonly pointsPerDeviation: readonly number[];
  readonly standardised: readonly number[];
  readonly inflation: readonly number[];
}

/** statsmodels: scripts/golden/explanation.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/explanation.json', import.meta.url), 'utf8')).linear;

function tabulate(x: readonly (readonly number[])[], y: readonly number[]) {
  const names = x[0].map((_, j) => `x${j}`);
  const fit = leastSquares(Float64Array.from(x.flat()), x.length, names.length, Float64Array.from(y));
  return tabulateCoefficients(inferLinear(fit, names));
}

test('golden: standardised coefficients and variance inflation are statsmodels’', () => {
  const { terms, deviation } = tabulate(golden.x, golden.y);
  const [intercept, ...features] = terms;
  expect(deviation).toBeCloseTo(golden.deviation, 10);
  expect(intercept).toMatchObject({ name: 'intercept', pointsPerDeviation: null, standardised: null, inflation: null });
  for (const figure of ['pointsPerDeviation', 'standardised', 'inflation'] as const) {
    features.forEach((term, j) => {
      // The accuracy that inference.ts has against statsmodels.
      expect(Math.abs((term[figure] as number) - golden[figure][j]), `${figure} ${j}`).toBeLessThan(1e-8);
    });
  }
  expect(Math.max(...golden.inflation)).toBeGreaterThan(5);
});

test('what cannot be told is null', () => {
  const aliased = tabulate(
    golden.x.map((row) => [row[0], 2 * row[0], row[1]]),
    golden.y,
  ).terms;
  expect(aliased[2]).toMatchObject({ aliased: true, pointsPerDeviation: null, standardised: null, inflation: null });
  expect(aliased[3].inflation).toBeGreaterThan(1);
  // As many rows as terms leave nothing to measure an error by.
  const full = tabulate(golden.x.slice(0, 5), golden.y.slice(0, 5));
  expect(full.deviation).toBeNull();
  expect(full.terms[1]).toMatchObject({ standardised: null, inflation: null });
  expect(full.terms[1].pointsPerDeviation).not.toBeNull();
  const constant = tabulate(
    golden.x,
    golden.y.map(() => 7),
  );
  expect(constant.deviation).toBeNull();
});
