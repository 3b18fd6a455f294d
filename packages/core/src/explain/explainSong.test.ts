import { describe, expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { rowsUpTo } from './alterTracks.ts';
import { type Explainer, explainSong, findTrained, makeExplainer, type SongExplanation } from './explainSong.ts';
import { findLevel, summariseFeatures } from './featureDistribution.ts';

const learnt: Tracks = {
  ...makeUniformSongs(400, 1, ([first]) => 100 * first),
  artist: Array.from({ length: 400 }, (_, row) => (row < 3 ? 'Known' : `Artist ${row}`)),
  title: Array.from({ length: 400 }, (_, row) => `Title ${row}`),
};
const parts = { train: rowsUpTo(300), test: rowsUpTo(400).subarray(300) };
const others: Tracks = {
  ...makeUniformSongs(5, 2, () => 0),
  artist: ['known', 'Nobody', '', 'Artist 7', 'Artist 350'],
  title: ['Another', 'Title 4', '', 'Title 7', 'Title 350'],
};
/** Between 0 and 100. */
const fitted = regressBy(({ energy, valence }) => 80 * energy + 20 * (Number.isNaN(valence) ? 0.5 : valence));
const calibration = { kind: 'absolute', rows: 9, coverages: [0.8, 0.9], margins: [7, null] } as const;
const make = (context: readonly 'artist'[] = []): Explainer =>
  makeExplainer(fitted, learnt, parts, {
    context,
    seed: 1,
    calibration: { ...calibration, coverages: [...calibration.coverages], margins: [...calibration.margins] },
  });

function run(
  explainer: Explainer,
  tracks: Tracks,
  row: number,
  whatIfs: Parameters<typeof explainSong>[3]['whatIfs'] = [],
) {
  const work = explainSong(explainer, tracks, row, { gain: 5, whatIfs });
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value as SongExplanation;
}

describe('explainSong', () => {
  test('ranges, places and contributions of an additive model', () => {
    const explainer = make();
    const { prediction, base, contributions, ranges, abovePopularities, abovePredictions } = run(explainer, others, 1);
    const { energy, valence } = others.features;
    expect(prediction).toBeCloseTo(80 * energy.values[1] + 20 * valence.values[1], 10);
    const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(prediction - base, 9);
    // Of an additive model each feature's own, however few orders are sampled.
    const mean = (name: 'energy' | 'valence') =>
      explainer.background.tracks.features[name].values.reduce((total, value) => total + value, 0) / 200;
    const contributed = Object.fromEntries(contributions.map(({ factor, contribution }) => [factor, contribution]));
    expect(contributed.energy).toBeCloseTo(80 * (energy.values[1] - mean('energy')), 6);
    expect(contributed.valence).toBeCloseTo(20 * (valence.values[1] - mean('valence')), 6);
    expect(contributed.tempo).toBeCloseTo(0, 6);
    // Nine rows were too few for the second margin.
    expect(ranges).toEqual([
      { coverage: 0.8, low: Math.max(0, prediction - 7), high: Math.min(100, prediction + 7) },
      { coverage: 0.9, low: 0, high: 100 },
    ]);
    const share = (values: readonly number[]) =>
      (100 * values.filter((value) => value < prediction).length) / values.length;
    expect(abovePopularities).toBeCloseTo(share([...learnt.popularity.values.subarray(0, 300)]), 10);
    expect(abovePredictions).toBeCloseTo(share([...fitted.predict(learnt, parts.test)]), 10);
  });

  test('tells the artist’s songs where the model is told the artist', () => {
    expect(run(make(), others, 0).told).toEqual({});
    const { told, contributions } = run(make(['artist']), others, 0);
    expect(told.artist?.songs).toBe(3);
    expect(run(make(['artist']), others, 1).told.artist?.songs).toBe(0);
    expect(contributions.find(({ factor }) => factor === 'artist')).toMatchObject({ value: null, unseen: false });
  });

  test('names values that no training song has, of the song and of what-ifs', () => {
    const { energy } = others.features;
    const far = {
      ...others,
      features: { ...others.features, energy: { ...energy, values: energy.values.map(() => 2) } },
    };
    const { contributions, whatIfs } = run(make(), far, 1, [{ tempo: 500, energy: 0.5 }, { key: null }]);
    expect(contributions[0]).toMatchObject({ factor: 'energy', value: 2, level: 'high', unseen: true });
    expect(whatIfs.map(({ unseen }) => unseen)).toEqual([['tempo'], []]);
  });

  test('has no counterfactual for a song of which nothing is known', () => {
    const unknown = Object.fromEntries(
      Object.entries(others.features).map(([name, { values }]) => [name, { values, missing: values.map(() => 1) }]),
    );
    const hollow = { ...others, features: unknown } as unknown as Tracks;
    const flat = makeExplainer(
      regressBy(() => 50),
      learnt,
      parts,
      { context: [], seed: 1, calibration: null },
    );
    expect(run(flat, hollow, 0)).toMatchObject({
      counterfactual: null,
      ranges: [],
      prediction: 50,
      abovePredictions: 50,
    });
  });
});

test('a song is known again among the training songs, not among the others', () => {
  expect(findTrained(make(), others, rowsUpTo(5))).toEqual([false, false, false, true, false]);
});

test('a feature summary: two in five below, two in five above, and what occurs', () => {
  const { energy, key } = summariseFeatures(learnt, parts.train);
  const values = learnt.features.energy.values.subarray(0, 300);
  const count = (level: string) => values.filter((value) => findLevel(energy, value) === level).length;
  expect([count('low'), count('usual'), count('high')]).toEqual([120, 60, 120]);
  expect([energy.has(Math.max(...values)), energy.has(1)]).toEqual([true, false]);
  expect([findLevel(key, 3), key.has(3), key.has(12), key.low]).toEqual([null, true, false, null]);
});
