import { expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { mixSongs, rowsUpTo } from './alterTracks.ts';
import { audioFactors } from './factors.ts';
import { measureImportance } from './permutationImportance.ts';

const fitted = regressBy(({ energy, valence }) => 40 + 12 * energy - 6 * valence);

/** Popularity as the model has it, and as much again that it does not know. */
function makeNoisy(count: number, seed: number): Tracks {
  return makeUniformSongs(count, seed, (song) => 40 + 12 * song[3] - 6 * song[12] + 10 * (song[1] + song[9]));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('a linear model: 2·β²·var − 2·β·cov(error, x), within the luck of the permutations', () => {
  const tracks = makeNoisy(300, 1);
  const rows = rowsUpTo(300);
  const { mse, factors, repeats } = measureImportance(fitted, tracks, rows, { clusters: rows, seed: 1, repeats: 50 });
  expect(repeats).toBe(50);
  const errors = [...fitted.predict(tracks, rows)].map((value, i) => value - tracks.popularity.values[i]);
  expect(mse).toBeCloseTo(average(errors.map((error) => error ** 2)), 10);
  const expected = featureNames.map((name) => {
    const slope = { energy: 12, valence: -6 }[name as string] ?? 0;
    const x = [...tracks.features[name].values];
    const mean = average(x);
    const variance = average(x.map((value) => (value - mean) ** 2));
    const covariance = average(x.map((value, i) => (value - mean) * (errors[i] - average(errors))));
    return 2 * slope ** 2 * variance - 2 * slope * covariance;
  });
  factors.forEach(({ factor, increase, permutationError }, j) => {
    expect(factor).toBe(featureNames[j]);
    // Of 13 normal deviates, one is beyond 4 in a thousand tests.
    const reach = 4 * (permutationError as number);
    expect(Math.abs(increase.mean - expected[j]), factor).toBeLessThanOrEqual(reach + 1e-12);
  });
  // A feature that the model does not read does nothing at all.
  expect(factors[0]).toMatchObject({ increase: { mean: 0, standardError: 0, low: 0, high: 0 }, permutationError: 0 });
});

test('intervals cover what other songs would give', () => {
  // 2·β²/12 for a uniform feature; the error does not depend on it.
  const truth = { energy: 24, valence: 6 };
  let covered = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const tracks = makeNoisy(120, seed);
    const rows = rowsUpTo(120);
    const options = { clusters: rows, seed, repeats: 10, resamples: 200, factors: [audioFactors[3], audioFactors[12]] };
    for (const { factor, increase } of measureImportance(fitted, tracks, rows, options).factors) {
      const value = truth[factor as keyof typeof truth];
      if ((increase.low as number) <= value && value <= (increase.high as number)) covered++;
    }
  }
  // 190 of 200 are due; 180 or less would come once in 400 times by chance. Too wide is wrong as well.
  expect(covered).toBeGreaterThan(180);
  expect(covered).toBeLessThan(200);
});

test('songs of one cluster count as one', () => {
  const single = makeNoisy(60, 3);
  const doubled = mixSongs(
    single,
    Uint32Array.from({ length: 120 }, (_, i) => i % 60),
  );
  const rows = rowsUpTo(120);
  const factors = [audioFactors[3]];
  const width = (clusters: Uint32Array) => {
    const [{ increase }] = measureImportance(fitted, doubled, rows, {
      clusters,
      seed: 1,
      factors,
      repeats: 100,
    }).factors;
    return increase.standardError as number;
  };
  const ratio = width(rows.map((row) => row % 60)) / width(rows);
  // √2, but for the luck of permutations and resamples.
  expect(ratio).toBeGreaterThan(1.3);
  expect(ratio).toBeLessThan(1.53);
  const alone = measureImportance(fitted, doubled, rows, { clusters: new Uint32Array(120), seed: 1, factors });
  expect(alone.factors[0].increase).toMatchObject({ standardError: null, low: null, high: null });
});

test('a group moves together', () => {
  // Of two copies of a feature, each alone is half of what both are: the model averages them.
  const base = makeNoisy(200, 4);
  const songs = Array.from({ length: 200 }, (_, row) => featureNames.map((name) => base.features[name].values[row]));
  for (const song of songs) song[4] = song[3];
  const tracks = makeTracks(
    songs,
    songs.map((song) => 60 * song[3]),
  );
  const both = regressBy(({ energy, instrumentalness }) => 30 * energy + 30 * instrumentalness);
  const factors = [audioFactors[3], { name: 'both', parts: ['energy', 'instrumentalness'] as const }];
  const found = measureImportance(both, tracks, rowsUpTo(200), { clusters: rowsUpTo(200), seed: 1, factors }).factors;
  // Squares of 30 and 60.
  expect(found[1].increase.mean / found[0].increase.mean).toBeGreaterThan(3.5);
  expect(found[1].increase.mean / found[0].increase.mean).toBeLessThan(4.5);
});

test('the same seed gives the same, and a factor does not depend on the others', () => {
  const tracks = makeNoisy(80, 5);
  const rows = rowsUpTo(80).filter((row) => row % 3 > 0);
  const options = { clusters: rowsUpTo(80), seed: 2, repeats: 5 };
  const whole = measureImportance(fitted, tracks, rows, options);
  expect(whole).toEqual(measureImportance(fitted, tracks, rows, options));
  const alone = measureImportance(fitted, tracks, rows, { ...options, factors: [audioFactors[12]] });
  expect(alone.factors[0]).toEqual(whole.factors[12]);
  expect(measureImportance(fitted, tracks, rows, { ...options, seed: 3 })).not.toEqual(whole);
  expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  expect(measureImportance(fitted, tracks, rows, { ...options, repeats: 1 }).factors[3].permutationError).toBeNull();
});

test('songs without a known popularity, and no repeats, are refused', () => {
  const tracks = makeTracks([featureNames.map(() => 0.5)], [Number.NaN]);
  const rows = rowsUpTo(1);
  expect(() => measureImportance(fitted, tracks, rows, { clusters: rows, seed: 1 })).toThrow(
    'must be known in every row',
  );
  expect(() => measureImportance(fitted, tracks, rows, { clusters: rows, seed: 1, repeats: 0 })).toThrow('got 0');
});
