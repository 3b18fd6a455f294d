import { expect, test } from 'vitest';
import { makeTracks } from '../../testing/madeTracks.ts';
import { DataError } from '../errors.ts';
import { loadRegressor } from './catalogue.ts';
import { loadConstant, meanRegressor, medianRegressor } from './constant.ts';

const blank = new Array(13).fill(0);
const tracks = makeTracks([blank, blank, blank, blank, blank], [10, 20, 90, 30, Number.NaN]);
const options = { seed: 1, train: Uint32Array.of(0, 3), validation: Uint32Array.of(1), test: Uint32Array.of(2) };

test('mean and median are those of the training and validation rows, the test rows unseen', async () => {
  const wider = { ...options, train: Uint32Array.of(0, 2, 3) };
  expect((await meanRegressor.fit(tracks, options)).value).toBe(20);
  expect((await meanRegressor.fit(tracks, wider)).value).toBe(37.5);
  expect((await medianRegressor.fit(tracks, options)).value).toBe(20);
  expect((await medianRegressor.fit(tracks, wider)).value).toBe(25);
  expect([...(await meanRegressor.fit(tracks, options)).predict(tracks, Uint32Array.of(2, 4))]).toEqual([20, 20]);
});

test('a saved constant comes back, and only under its own name', async () => {
  const saved = (await meanRegressor.fit(tracks, options)).save();
  expect(loadConstant('mean', saved).value).toBe(20);
  expect(() => loadRegressor(saved, 'median')).toThrow('model: must be a saved "median"');
});

test('a training row without popularity is named by its row in the file', async () => {
  const fit = meanRegressor.fit(tracks, { ...options, train: Uint32Array.of(0, 4) });
  await expect(fit).rejects.toThrow(DataError);
  await expect(fit).rejects.toThrow('made.csv:6: popularity must be known');
});
