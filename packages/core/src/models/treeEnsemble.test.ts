import { expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { boostedRegressor } from './boosted.ts';
import { forestRegressor } from './forest.ts';
import { loadTrees } from './treeEnsemble.ts';

const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const options = { seed: 1, train: rowsFrom(0, 200), validation: rowsFrom(200, 250) };
const held = rowsFrom(250, 400);

/** A step in one feature, a product of two others, and noise of variance 1. */
function makeTable(signal = 1, missing = 0) {
  const random = makeRandom(61);
  const features = Array.from({ length: 400 }, () => featureNames.map(() => random()));
  const popularity = features.map((row) => {
    const shape = (row[1] > 0.4 ? 12 : 0) + 40 * (row[3] - 0.5) * (row[4] - 0.5);
    return 50 + signal * shape + Math.sqrt(12) * (random() - 0.5);
  });
  return makeTracks(
    features.map((row) => row.map((value) => (random() < missing ? Number.NaN : value))),
    popularity,
  );
}

function meanError(predicted: Float64Array, actual: Float64Array): number {
  return predicted.reduce((sum, value, i) => sum + (value - actual[i]) ** 2, 0) / predicted.length;
}

test.each([
  ['forest', forestRegressor],
  ['boosted', boostedRegressor],
] as const)('%s finds steps and products, bears gaps, and another seed gives another model', async (_, create) => {
  const tracks = makeTable();
  const actual = tracks.popularity.values.subarray(250);
  const fitted = await create([]).fit(tracks, options);
  // Variance 35 of the step, 11 of the product, 1 of the noise: a mean of the training rows has 47.
  expect(meanError(fitted.predict(tracks, held), actual)).toBeLessThan(47 / 3);
  const gaps = makeTable(1, 0.1);
  const withGaps = await create([]).fit(gaps, options);
  // A tenth of the steps, and a fifth of the products, cannot be seen.
  expect(meanError(withGaps.predict(gaps, held), actual)).toBeLessThan(47 / 2);
  const other = await create([]).fit(tracks, { ...options, seed: 2 });
  expect([...other.predict(tracks, held)]).not.toEqual([...fitted.predict(tracks, held)]);
});

test('boosting stops where more trees would fit noise', async () => {
  const tracks = makeTable(0);
  const noise = await boostedRegressor([]).fit(tracks, options);
  const error = meanError(noise.predict(tracks, held), tracks.popularity.values.subarray(250));
  // The noise's own variance is 1, ± √(0.8/150) = 0.07 for 150 rows.
  expect(error).toBeLessThan(1.2);
  const clear = await boostedRegressor([]).fit(makeTable(), options);
  expect(clear.treeCount).toBeGreaterThan(2 * noise.treeCount);
});

test.each([
  ['forest', forestRegressor],
  ['boosted', boostedRegressor],
] as const)('%s: an abort ends the fit, and a broken file is refused', async (name, create) => {
  const tracks = makeTable();
  const abort = AbortSignal.abort(new Error('enough'));
  await expect(create([]).fit(tracks, { ...options, signal: abort })).rejects.toThrow('enough');

  const saved = (await create([]).fit(tracks, options)).save();
  const broken = (key: string, change: (values: Float32Array) => void) => {
    const tensor = saved.tensors.get(key) ?? expect.fail(key);
    const data = Float32Array.from(tensor.data);
    change(data);
    return { ...saved, tensors: new Map([...saved.tensors, [key, { ...tensor, data }] as const]) };
  };
  const rule = 'every branch of a tree must end in a leaf';
  expect(() =>
    loadTrees(
      name,
      broken('splits', (values) => (values[0] = 26)),
    ),
  ).toThrow(rule);
  expect(() =>
    loadTrees(
      name,
      broken('strides', (values) => (values[0] = 0)),
    ),
  ).toThrow(rule);
  expect(() =>
    loadTrees(
      name,
      broken('strides', (values) => (values[0] = 1e6)),
    ),
  ).toThrow(rule);
  const hint = 'tensor "values": must hold';
  expect(() =>
    loadTrees(
      name,
      broken('values', (values) => (values[0] = Number.NaN)),
    ),
  ).toThrow(hint);
});
