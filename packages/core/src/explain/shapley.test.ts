import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { featureNames, spotifySchema } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { contextFactors, listFeatureFactors } from './factors.ts';
import { explainByShapley, type ShapleyValues } from './shapley.ts';
import { makeBackground } from './songGame.ts';

const audioFactors = listFeatureFactors(spotifySchema);

interface Explained {
  readonly base: number;
  readonly values: readonly number[];
}

interface Golden {
  readonly background: readonly (readonly number[])[];
  readonly song: readonly number[];
  readonly trees: readonly Readonly<Record<'feature' | 'threshold' | 'left' | 'right' | 'value', readonly number[]>>[];
  readonly products: Explained;
  readonly forest: Explained;
}

/** The package shap, all coalitions: scripts/golden/explanation.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/explanation.json', import.meta.url), 'utf8')).shapley;
const songs = makeTracks([...golden.background, golden.song], new Array(golden.background.length + 1).fill(50));
const goldenRow = golden.background.length;
const listed = (song: Record<string, number>) => featureNames.map((name) => song[name]);

const products = regressBy((song) => {
  const x = listed(song);
  return x[0] * x[1] + x[2] ** 2 + 4 * x[3] * x[4] * x[6] - 2 * x[12];
});

const forest = regressBy((song) => {
  const x = listed(song);
  const leaves = golden.trees.map(({ feature, threshold, left, right, value }) => {
    let node = 0;
    while (left[node] >= 0) node = x[feature[node]] <= threshold[node] ? left[node] : right[node];
    return value[node];
  });
  return leaves.reduce((sum, leaf) => sum + leaf, 0) / leaves.length;
});

function expectSum({ prediction, base, contributions }: ShapleyValues): void {
  const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
  // Rounding of some hundred terms of at most 100.
  expect(Math.abs(sum - (prediction - base))).toBeLessThan(1e-9);
}

describe.each([
  ['products', products, golden.products],
  ['forest', forest, golden.forest],
] as const)('golden: %s', (name, fitted, expected) => {
  const background = makeBackground(fitted, songs, rowsUpTo(goldenRow));

  test('all coalitions give what shap gives', () => {
    const found = explainByShapley(fitted, songs, goldenRow, background, { seed: 1, predictions: 2 ** 13 * 8 });
    expect(found).toMatchObject({ method: 'exact', background: 8, predictions: 65_536 });
    expect(found.base).toBeCloseTo(expected.base, 10);
    found.contributions.forEach(({ factor, contribution, standardError }, f) => {
      expect(factor).toBe(featureNames[f]);
      expect(Math.abs(contribution - expected.values[f]), factor).toBeLessThan(1e-9);
      expect(standardError).toBe(0);
    });
    expectSum(found);
  });

  test('samples are as near as they say', () => {
    const found = explainByShapley(fitted, songs, goldenRow, background, { seed: 1, precision: 0.01 });
    expect(found.method).toBe('sampled');
    expectSum(found);
    found.contributions.forEach(({ factor, contribution, standardError }, f) => {
      // Of 13 normal deviates, one is beyond 4 in a thousand tests.
      expect(Math.abs(contribution - expected.values[f]), factor).toBeLessThanOrEqual(4 * standardError + 1e-9);
      expect(standardError).toBeLessThanOrEqual(0.01);
    });
    if (name === 'products') return;
    expect(Math.max(...found.contributions.map(({ standardError }) => standardError))).toBeGreaterThan(1e-5);
  });
});

describe('sampling', () => {
  const tracks = makeUniformSongs(400, 1, () => 50);
  const rows = rowsUpTo(399);
  const slopes = featureNames.map((_, j) => j - 5);

  test('a linear model is exact: slope times the distance from the mean', () => {
    const fitted = regressBy((song) => listed(song).reduce((sum, value, j) => sum + slopes[j] * value, 40));
    const background = makeBackground(fitted, tracks, rows);
    const found = explainByShapley(fitted, tracks, 399, background, { seed: 1 });
    expect(found.method).toBe('sampled');
    found.contributions.forEach(({ contribution, standardError }, j) => {
      const { values } = tracks.features[featureNames[j]];
      const mean = values.subarray(0, 399).reduce((sum, value) => sum + value, 0) / 399;
      expect(contribution).toBeCloseTo(slopes[j] * (values[399] - mean), 9);
      expect(standardError).toBeLessThan(1e-9);
    });
    expectSum(found);
  });

  /** Four features that all act together, and two on their own. */
  const bent = regressBy((song) => {
    const [a, b, c, d, e] = [song.energy, song.valence, song.liveness, song.tempo, song.loudness];
    return 50 + 80 * a * b * c * d + 10 * Math.sin(6 * e) + (song.key % 3);
  });
  const background = makeBackground(bent, tracks, rows);

  test('standard errors are honest', () => {
    // All coalitions of those six with all songs; the others contribute nothing.
    const names = ['energy', 'valence', 'liveness', 'tempo', 'loudness', 'key'] as const;
    const rest = featureNames.filter((name) => !names.some((other) => other === name));
    const factors = [...names.map((name) => ({ name, parts: [name] })), { name: 'rest', parts: rest }];
    const exact = explainByShapley(bent, tracks, 399, background, { seed: 1, factors, predictions: 1e6 });
    expect(exact.method).toBe('exact');
    expect(exact.contributions[6].contribution).toBe(0);
    let squares = 0;
    const seeds = 30;
    for (let seed = 1; seed <= seeds; seed++) {
      const found = explainByShapley(bent, tracks, 399, background, { seed, factors, precision: 1 });
      expectSum(found);
      expect(found.predictions).toBe(256 * 2 * 6);
      for (let f = 0; f < 6; f++) {
        const { contribution, standardError } = found.contributions[f];
        squares += ((contribution - exact.contributions[f].contribution) / standardError) ** 2 / (6 * seeds);
      }
    }
    // 1 for independent draws, which 180 of move by 0.1; drawn without replacement they lie nearer.
    expect(squares).toBeGreaterThan(0.3);
    expect(squares).toBeLessThan(1.3);
  });

  test('goes on until it is as near as wanted, or has spent what it may', () => {
    const explain = (precision: number, predictions: number) =>
      explainByShapley(bent, tracks, 399, background, { seed: 1, precision, predictions });
    const round = 256 * 2 * 12;
    expect(explain(10, 1e6).predictions).toBe(round);
    expect(explain(0, 3.5 * round).predictions).toBe(3 * round);
    const near = explain(0.1, 1e6);
    expect(near.predictions).toBeGreaterThan(round);
    expect(Math.max(...near.contributions.map(({ standardError }) => standardError))).toBeLessThanOrEqual(0.1);
    expect(explain(0.1, 1e6)).toEqual(near);
    expect(JSON.parse(JSON.stringify(near))).toEqual(near);
  });

  test('a background of one song, a constant model and a single factor have their sums', () => {
    const one = makeBackground(bent, tracks, rowsUpTo(1));
    expectSum(explainByShapley(bent, tracks, 399, one, { seed: 1, predictions: 1000 }));
    const constant = regressBy(() => 50);
    const found = explainByShapley(constant, tracks, 0, makeBackground(constant, tracks, rows), { seed: 1 });
    expect(found.contributions.every(({ contribution }) => contribution === 0)).toBe(true);
    const factors = [{ name: 'all', parts: featureNames }];
    for (const predictions of [0, 10_000]) {
      const whole = explainByShapley(bent, tracks, 399, background, { seed: 1, factors, predictions });
      expect(whole.method).toBe(predictions > 0 ? 'exact' : 'sampled');
      expect(whole.contributions[0].contribution).toBeCloseTo(whole.prediction - whole.base, 9);
    }
  });

  test('missing values take part', () => {
    const values = Array.from({ length: 60 }, (_, row) =>
      featureNames.map((name, j) => ((row + j) % 7 === 0 ? Number.NaN : tracks.features[name].values[row])),
    );
    const gaps = makeTracks(
      values,
      values.map(() => 50),
    );
    const fitted = regressBy(({ energy, valence }) => (Number.isNaN(energy) ? 5 : 20 * energy) * (valence || 0.5));
    const found = explainByShapley(fitted, gaps, 4, makeBackground(fitted, gaps, rowsUpTo(60)), { seed: 1 });
    expect(gaps.features.energy.missing[4]).toBe(1);
    expectSum(found);
    expect(found.contributions[3].contribution).not.toBe(0);
  });
});

test('the song may be of another table than the background', () => {
  const [one, two] = [1, 2].map((seed) => makeUniformSongs(50, seed, () => 50));
  const fitted = regressBy(({ energy, valence }) => 40 + 20 * energy * valence);
  const background = makeBackground(fitted, one, rowsUpTo(50));
  const found = explainByShapley(fitted, two, 7, background, { seed: 1 });
  expect(found.prediction).toBe(fitted.predict(two, Uint32Array.of(7))[0]);
  expectSum(found);
});

test('factors that leave out what a model is told are refused', () => {
  const tracks = {
    ...makeUniformSongs(40, 3, () => 50),
    artist: Array.from({ length: 40 }, (_, row) => 'x'.repeat(row % 9)),
  };
  const fitted: FittedRegressor = {
    ...regressBy(() => 0),
    predict: ({ artist, features }, rows) =>
      Float64Array.from(rows, (row) => artist[row].length + features.energy.values[row]),
  };
  const background = makeBackground(fitted, tracks, rowsUpTo(39));
  const explain = (factors = audioFactors) => explainByShapley(fitted, tracks, 39, background, { seed: 1, factors });
  expect(() => explain()).toThrow('factors: must name all inputs of "made", got acousticness, ');
  const found = explain([...audioFactors, ...contextFactors]);
  expectSum(found);
  expect(found.contributions[13].factor).toBe('artist');
  const lengths = Array.from({ length: 39 }, (_, row) => row % 9);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / 39;
  expect(found.contributions[13].contribution).toBeCloseTo((39 % 9) - mean, 9);
});
