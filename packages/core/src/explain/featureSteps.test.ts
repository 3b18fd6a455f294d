import { expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { estimateMeans } from './clusteredMeans.ts';
import { listSteps, measureSteps } from './featureSteps.ts';

/** Songs by key, energy and tempo; all else alike. */
function makeSongs(songs: readonly { key: number; energy: number; tempo: number }[]) {
  const values = songs.map((song) =>
    featureNames.map((name) => ({ ...song, duration_ms: 200_000, mode: 1, time_signature: 4 })[name as 'key'] ?? 0.5),
  );
  return makeTracks(
    values,
    songs.map(() => 50),
  );
}

const tracks = makeSongs([
  { key: 0, energy: 0.2, tempo: 100 },
  { key: 0, energy: 0.95, tempo: 120 },
  { key: 5, energy: 1, tempo: 140 },
  { key: 5, energy: Number.NaN, tempo: 160 },
]);
const rows = rowsUpTo(4);
const options = { clusters: rows, seed: 1 };
const fitted = regressBy(
  ({ energy, tempo, key, duration_ms }) => 20 * (energy || 0) + tempo / 10 + key + duration_ms / 1e4,
);

test('each feature has a step of its unit, each category one to every value that occurs', () => {
  const steps = listSteps(tracks, rows).map(({ feature, kind, amount }) => `${feature} ${kind} ${amount}`);
  expect(steps).toEqual([
    'acousticness add 0.1',
    'danceability add 0.1',
    'duration_ms add 10000',
    'energy add 0.1',
    'instrumentalness add 0.1',
    'key set 0',
    'key set 5',
    'liveness add 0.1',
    'loudness add 1',
    'mode set 1',
    'speechiness add 0.1',
    'tempo add 10',
    'time_signature set 4',
    'valence add 0.1',
  ]);
});

test('changes stop at the end of the range, and songs that cannot change are left out', () => {
  const effects = measureSteps(fitted, tracks, rows, options);
  const of = (feature: string, amount: number) =>
    effects.find((effect) => effect.feature === feature && effect.amount === amount);
  // By 0.1 and by 0.05; the third is at the end, of the fourth nothing is known.
  expect(of('energy', 0.1)).toMatchObject({ songs: 2, cut: 1 });
  expect(of('energy', 0.1)?.change?.mean).toBeCloseTo((2 + 1) / 2, 10);
  expect(of('tempo', 10)).toMatchObject({ songs: 4, cut: 0 });
  expect(of('tempo', 10)?.change?.mean).toBeCloseTo(1, 10);
  expect(of('duration_ms', 10_000)?.change?.mean).toBeCloseTo(1, 10);
  expect(of('key', 0)).toMatchObject({ songs: 2, cut: 0, change: { mean: -5 } });
  expect(of('key', 5)).toMatchObject({ songs: 2, change: { mean: 5 } });
  expect(of('mode', 1)).toMatchObject({ songs: 0, cut: 0, change: null });
  expect(of('valence', 0.1)?.change).toMatchObject({ mean: 0, low: 0, high: 0 });
  expect(JSON.parse(JSON.stringify(effects))).toEqual(effects);
});

test('for one song, and for steps of one’s own', () => {
  const steps = [{ feature: 'energy', kind: 'add', amount: -0.5 } as const];
  const [effect] = measureSteps(fitted, tracks, Uint32Array.of(0), { ...options, steps });
  expect(effect).toMatchObject({ songs: 1, cut: 1, change: { standardError: null, low: null, high: null } });
  expect(effect.change?.mean).toBeCloseTo(-4, 10);
});

test('means lie within their intervals, which clusters widen', () => {
  const values = Float64Array.from({ length: 90 }, (_, i) => (i % 30) ** 2);
  const [alone] = estimateMeans([values], rowsUpTo(90), { clusters: rowsUpTo(90), seed: 1 });
  const clusters = rowsUpTo(90).map((row) => row % 30);
  const [together] = estimateMeans([values], rowsUpTo(90), { clusters, seed: 1 });
  expect(alone.mean).toBeCloseTo((29 * 59) / 6, 10);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - alone.mean) ** 2, 0) / 90);
  // 2,000 resamples give a standard error to about 2 %; 1 in 10,000 is four times as far off.
  expect(Math.abs((alone.standardError as number) / (deviation / Math.sqrt(90)) - 1)).toBeLessThan(0.07);
  expect(Math.abs((together.standardError as number) / (deviation / Math.sqrt(30)) - 1)).toBeLessThan(0.07);
  expect(together.low).toBeLessThan(alone.low as number);
  expect(() => estimateMeans([values], [], { clusters, seed: 1 })).toThrow('at least one row, got 0');
});
