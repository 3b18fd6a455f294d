import { beforeAll, describe, expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { mambaRegressor } from '../models/mamba.ts';
import { type MambaSettings, presetSettings } from '../models/mambaSettings.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { explainByGradients, type GradientContributions } from './integratedGradients.ts';

const tracks = makeUniformSongs(160, 1, (song) => 20 + 30 * song[3] + 20 * song[12] * (song[5] > 5 ? 1 : 0));
const options = { seed: 1, train: rowsUpTo(160), validation: new Uint32Array(0) };
const small: MambaSettings = { ...presetSettings('tokens', true), dModel: 8, layers: 1, bins: 4, epochs: 6 };

function expectSum({ prediction, base, error, contributions }: GradientContributions): void {
  const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
  // Rounding: the error is told.
  expect(Math.abs(sum - (prediction - base) - error)).toBeLessThan(1e-9);
  // A thousandth of a point is asked of each network's quadrature, and float32 adds as much at most.
  expect(Math.abs(error)).toBeLessThan(2e-3);
}

/** Each feature's contribution, by name. */
function byName({ contributions }: GradientContributions): Record<string, number> {
  return Object.fromEntries(contributions.map(({ factor, contribution }) => [factor, contribution]));
}

describe('of mamba-tokens', () => {
  let fitted: FittedRegressor;
  beforeAll(async () => {
    fitted = await mambaRegressor('tokens', small).fit(tracks, options);
  });

  test('contributions sum to what the prediction differs by from the baseline’s', () => {
    for (const baseline of [null, { tracks, rows: rowsUpTo(160) }, { tracks, rows: Uint32Array.of(7) }]) {
      const found = explainByGradients(fitted, tracks, 3, baseline);
      expectSum(found);
      expect(found.contributions.map(({ factor }) => factor).sort()).toEqual([...featureNames].sort());
      // Float32 predictions of up to 100.
      expect(found.prediction).toBeCloseTo(fitted.predict(tracks, Uint32Array.of(3))[0], 4);
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }
  });

  test('the baseline is a song, or one of which nothing is known', () => {
    const one = explainByGradients(fitted, tracks, 3, { tracks, rows: Uint32Array.of(7) });
    expect(one.base).toBeCloseTo(fitted.predict(tracks, Uint32Array.of(7))[0], 4);
    const unknown = makeTracks([featureNames.map(() => Number.NaN)], [50]);
    const found = explainByGradients(fitted, tracks, 3, null);
    expect(found.base).toBeCloseTo(fitted.predict(unknown, rowsUpTo(1))[0], 4);
    const same = explainByGradients(fitted, tracks, 7, { tracks, rows: Uint32Array.of(7) });
    expect(same.contributions.every(({ contribution }) => contribution === 0)).toBe(true);
  });

  test('a feature that is the same in both contributes nothing, in any order of the tokens', async () => {
    const song = featureNames.map((name) => tracks.features[name].values[3]);
    const other = song.with(featureNames.indexOf('energy'), 0.9).with(featureNames.indexOf('key'), 11);
    const pair = makeTracks([song, other], [50, 50]);
    for (const order of ['table', 'reversed', 'random 3'] as const) {
      const trained = await mambaRegressor('tokens', { ...small, order }).fit(tracks, options);
      const found = explainByGradients(trained, pair, 0, { tracks: pair, rows: Uint32Array.of(1) });
      expectSum(found);
      const { energy, key, ...rest } = byName(found);
      expect(energy).not.toBe(0);
      expect(key).not.toBe(0);
      expect(
        Object.values(rest).every((value) => value === 0),
        order,
      ).toBe(true);
    }
  });
});

test.each([
  ['an ensemble', { ensemble: 2 }],
  ['a Gaussian', { loss: 'gaussian' }],
  ['quantiles', { loss: 'quantiles', ensemble: 2 }],
  ['a learned token', { pooling: 'cls' }],
] as const)('sums of %s', async (_, changes) => {
  const fitted = await mambaRegressor('tokens', { ...small, epochs: 2, ...changes }).fit(tracks, options);
  const found = explainByGradients(fitted, tracks, 3, null);
  expectSum(found);
  expect(found.prediction).toBeCloseTo(fitted.predict(tracks, Uint32Array.of(3))[0], 3);
});

test('other models are refused', async () => {
  const seed = { ...presetSettings('seed', true), epochs: 1 };
  const fitted = await mambaRegressor('seed', seed).fit(tracks, options);
  for (const model of [fitted, regressBy(() => 50)]) {
    expect(() => explainByGradients(model, tracks, 0, null)).toThrow('model: must be mamba-tokens');
  }
});
