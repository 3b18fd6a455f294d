import { expect, test } from 'vitest';
import { measure } from '../metrics/metrics.ts';
import { actualOf } from '../metrics/pairs.ts';
import { forestRegressor } from '../models/forest.ts';
import { cutFolds } from '../tracks/folds.ts';
import { generateTwin } from '../tracks/twin.ts';
import { crossValidate } from './crossValidation.ts';

const tracks = generateTwin({ rows: 300, seed: 8 });
const rows = Uint32Array.from({ length: 240 }, (_, row) => row);
const folds = cutFolds(tracks, rows, { kind: 'random', folds: 3, seed: 1 });
const forest = forestRegressor([], { trees: 20, minimumLeaf: 2, featureShare: 0.5 });

test('a fold’s error is that of rows that its model has not learnt from', async () => {
  const told: number[] = [];
  const { meanError, foldErrors, size } = await crossValidate(tracks, folds, forest, {
    seed: 1,
    threads: 1,
    watches: false,
    steps: 'folds',
    onStep: async (step, error) => {
      told[step] = error;
    },
  });
  expect(told).toEqual(foldErrors);
  expect(meanError).toBeCloseTo(foldErrors.reduce((sum, error) => sum + error, 0) / 3, 12);
  expect(size).toBeGreaterThan(0);
  for (const [i, { train, heldOut }] of folds.entries()) {
    const options = { seed: 1, train, validation: new Uint32Array(0) };
    const fitted = await forest.fit(tracks, options);
    expect(measure(actualOf(tracks, heldOut), fitted.predict(tracks, heldOut)).mse).toBe(foldErrors[i]);
    // A forest that has seen its rows knows them far better.
    const seen = await forest.fit(tracks, { ...options, validation: heldOut });
    const cheating = measure(actualOf(tracks, heldOut), seen.predict(tracks, heldOut)).mse;
    expect(cheating).toBeLessThan(0.5 * foldErrors[i]);
  }
});
