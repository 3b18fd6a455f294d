import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { measureCovariances } from '../statistics/covariance.ts';
import { featureNames } from '../tracks/schema.ts';
import { lassoRegressor, solveLasso } from './lasso.ts';
import { ridgeRegressor, solveRidge } from './ridge.ts';

interface Fit {
  readonly penalty: number;
  readonly intercept: number;
  readonly coefficients: readonly number[];
}
const golden: { x: number[]; y: number[]; columns: number; ridge: Fit[]; lasso: Fit[] } = JSON.parse(
  readFileSync(new URL('golden/baselines.json', import.meta.url), 'utf8'),
);

const none = new Uint32Array(0);
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

describe.each([
  ['ridge', solveRidge],
  ['lasso', solveLasso],
] as const)('golden %s', (name, solve) => {
  const covariances = measureCovariances(Float64Array.from(golden.x), Float64Array.from(golden.y));
  const fits = golden[name];
  const path = solve(
    covariances,
    Float64Array.from(fits, ({ penalty }) => penalty),
  );

  // The third column is nearly the sum of two others, which takes about four of a double's sixteen digits.
  test('coefficients equal scikit-learn to 1e-8 under every penalty', () => {
    fits.forEach(({ coefficients }, k) => {
      coefficients.forEach((coefficient, j) => {
        expect(Math.abs(path[k][j] - coefficient), `penalty ${k}, column ${j}`).toBeLessThan(1e-8);
      });
    });
  });

  test('the intercept is what the means leave', () => {
    fits.forEach(({ intercept }, k) => {
      const left = path[k].reduce(
        (sum, coefficient, j) => sum - coefficient * covariances.means[j],
        covariances.targetMean,
      );
      expect(Math.abs(left - intercept)).toBeLessThan(1e-8);
    });
  });
});

test('the lasso meets the conditions of its optimum, whatever the data', () => {
  const property = fc.property(
    fc.integer(),
    fc.integer({ min: 3, max: 40 }),
    fc.integer({ min: 1, max: 8 }),
    (seed, rows, columns) => {
      const random = makeRandom(seed);
      const x = Float64Array.from({ length: rows * columns }, () => random() - 0.5);
      // A column that never varies, and a copy of another.
      for (let row = 0; row < rows; row++) {
        x[row * columns] = 0.25;
        x[row * columns + columns - 1] = x[row * columns + (columns >> 1)];
      }
      const y = Float64Array.from({ length: rows }, () => 10 * random());
      const covariances = measureCovariances(x, y);
      const { covariance, relation } = covariances;
      const penalties = Float64Array.of(1, 0.1, 0.01);
      solveLasso(covariances, penalties).forEach((coefficients, k) => {
        for (let j = 0; j < columns; j++) {
          let slope = relation[j];
          for (let i = 0; i < columns; i++) slope -= covariance[j * columns + i] * coefficients[i];
          const excess =
            coefficients[j] === 0
              ? Math.abs(slope) - penalties[k]
              : Math.abs(slope - Math.sign(coefficients[j]) * penalties[k]);
          // Slopes are of the size of 1; descent ends when steps reach 1e-13 of it, wherever columns are nearly collinear.
          expect(excess).toBeLessThan(1e-9);
        }
      });
    },
  );
  fc.assert(property, { numRuns: 100 });
});

/** Two features count, as lines; `curved` adds a product of two others. */
function makeTable(rows: number, noise: number, curved = 0) {
  const random = makeRandom(21);
  const features = Array.from({ length: rows }, () => featureNames.map(() => random() - 0.5));
  const popularity = features.map(
    (row) => 50 + 20 * row[1] - 10 * row[3] + curved * row[4] * row[6] + noise * (random() - 0.5),
  );
  return makeTracks(features, popularity);
}

const meanError = (predicted: Float64Array, actual: Float64Array) =>
  predicted.reduce((sum, value, i) => sum + (value - actual[i]) ** 2, 0) / predicted.length;

test('little noise, little penalty; noise alone, no coefficient left', async () => {
  const train = rowsFrom(0, 200);
  for (const regressor of [ridgeRegressor('ridge', []), lassoRegressor([])]) {
    const clear = await regressor.fit(makeTable(200, 1), { seed: 1, train, validation: none });
    // Popularity a standard deviation of the column: 20 and −10 times that of a uniform, √(1/12).
    expect(Math.abs(clear.coefficients[1] - 20 / Math.sqrt(12))).toBeLessThan(0.2);
    expect(Math.abs(clear.coefficients[3] + 10 / Math.sqrt(12))).toBeLessThan(0.2);
    const random = makeRandom(2);
    const tracks = { ...makeTable(200, 0), popularity: makeTracks([], []).popularity };
    const values = Float64Array.from({ length: 200 }, () => 100 * random());
    const noisy = { ...tracks, popularity: { values, missing: new Uint8Array(200) } };
    const blurred = await regressor.fit(noisy, { seed: 1, train, validation: none });
    // A fit without penalty has about √(833/200) = 2 in each.
    expect(Math.max(...blurred.coefficients.map(Math.abs))).toBeLessThan(1);
    expect(blurred.penalty / clear.penalty).toBeGreaterThan(10);
  }
});

test('squares and products are found by the quadratic ridge alone', async () => {
  const tracks = makeTable(600, 2, 120);
  const options = { seed: 1, train: rowsFrom(0, 400), validation: none };
  const held = rowsFrom(400, 600);
  const actual = tracks.popularity.values.subarray(400);
  const errors = await Promise.all(
    (['ridge', 'ridge-quadratic'] as const).map(async (name) =>
      meanError((await ridgeRegressor(name, []).fit(tracks, options)).predict(tracks, held), actual),
    ),
  );
  // The product's variance is 120²/144 = 100, the noise's 4/12.
  expect(errors[0]).toBeGreaterThan(60);
  expect(errors[1]).toBeLessThan(2);
});

test('fewer songs than folds are refused', async () => {
  const fit = lassoRegressor([]).fit(makeTable(4, 1), { seed: 1, train: rowsFrom(0, 4), validation: none });
  await expect(fit).rejects.toThrow('must have a different group of songs a fold, got 4 for 5');
});
