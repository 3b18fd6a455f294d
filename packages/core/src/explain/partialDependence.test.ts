import { expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { quantile } from '../statistics/quantiles.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { chooseQuantiles, countValues, measureExtrapolation } from './featureDistribution.ts';
import { measureDependence } from './partialDependence.ts';

const tracks = makeUniformSongs(200, 1, () => 50);
const rows = rowsUpTo(200);
const options = { clusters: rows, seed: 1, resamples: 200 };
const fitted = regressBy(({ energy, valence, key }) => 30 + 20 * energy ** 2 + 10 * energy * valence + key);

test('curves are the predictions with the feature set, and their mean the dependence', () => {
  const found = measureDependence(fitted, tracks, rows, 'energy', options);
  expect(found.grid).toHaveLength(20);
  expect(found.rows).toEqual([...rows]);
  const { valence, key } = tracks.features;
  found.curves.forEach((curve, i) => {
    curve.forEach((value, g) => {
      const energy = found.grid[g];
      expect(value).toBeCloseTo(30 + 20 * energy ** 2 + 10 * energy * valence.values[i] + key.values[i], 10);
    });
  });
  found.mean.forEach(({ mean, low, high }, g) => {
    expect(mean).toBeCloseTo(
      found.curves.reduce((sum, curve) => sum + curve[g] / 200, 0),
      10,
    );
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  });
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

test('centred at the middle, curves that are parallel have no width', () => {
  const parallel = regressBy(({ energy, key }) => 20 * energy + 5 * key);
  const { anchor, centred, mean, grid } = measureDependence(parallel, tracks, rows, 'energy', options);
  expect(anchor).toBe(10);
  centred.forEach((estimate, g) => {
    expect(estimate.mean).toBeCloseTo(20 * (grid[g] - grid[10]), 10);
    expect((estimate.high as number) - (estimate.low as number)).toBeLessThan(1e-10);
  });
  // Keys differ by songs, whatever the energy.
  expect((mean[0].high as number) - (mean[0].low as number)).toBeGreaterThan(2);
});

test('categories are taken as they occur, and centred at the commonest', () => {
  const songs = [0, 2, 2, 7].map((key) => featureNames.map((name) => (name === 'key' ? key : 0.5)));
  songs.push(featureNames.map((name) => (name === 'key' ? Number.NaN : 0.5)));
  const small = makeTracks(songs, [1, 1, 1, 1, 1]);
  const found = measureDependence(fitted, small, rowsUpTo(5), 'key', { ...options, clusters: rowsUpTo(5) });
  expect(found).toMatchObject({ kind: 'category', grid: [0, 2, 7], anchor: 1 });
  expect(found.centred.map(({ mean }) => mean)).toEqual([-2, 0, 5]);
  const unknown = makeTracks([featureNames.map(() => Number.NaN)], [1]);
  expect(() => measureDependence(fitted, unknown, rowsUpTo(1), 'key', { ...options, clusters: rowsUpTo(1) })).toThrow(
    'needs a row with a known key, got none',
  );
});

test('of many rows some are drawn, the same for all features of a seed', () => {
  const draw = (seed: number, feature: 'energy' | 'valence') =>
    measureDependence(fitted, tracks, rows, feature, { ...options, seed, songs: 20 }).rows;
  const drawn = draw(1, 'energy');
  expect(new Set(drawn).size).toBe(20);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(draw(1, 'valence')).toEqual(drawn);
  expect(draw(2, 'energy')).not.toEqual(drawn);
});

test('a grid holds quantiles from 1 % to 99 %, equal ones once', () => {
  const column = { values: Float64Array.from({ length: 101 }, (_, i) => 100 - i), missing: new Uint8Array(101) };
  expect(chooseQuantiles(column, rowsUpTo(101), 3)).toEqual([1, 50, 99]);
  expect(chooseQuantiles(column, rowsUpTo(101), 1)).toEqual([50]);
  column.values.fill(7, 0, 91);
  expect(chooseQuantiles(column, rowsUpTo(101), 5)).toEqual([1, 7, 8]);
  column.missing.fill(1);
  expect(chooseQuantiles(column, rowsUpTo(101), 5)).toEqual([]);
  expect(countValues(column, rowsUpTo(101)).size).toBe(0);
  expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3);
  expect(quantile(Float64Array.of(9), 0.3)).toBe(9);
});

test('songs are unlike all others where two features never meet', () => {
  // Loudness follows energy; valence goes its own way.
  const songs = Array.from({ length: 1000 }, (_, row) => {
    const own = (row + 0.5) / 1000;
    return featureNames.map((name) =>
      name === 'energy' || name === 'loudness' ? own : name === 'valence' ? (row * 0.618) % 1 : 1,
    );
  });
  const tied = makeTracks(
    songs,
    songs.map(() => 50),
  );
  const all = rowsUpTo(1000);
  // With an energy of one tenth, the songs whose loudness is of another are like none.
  expect(measureExtrapolation(tied, all, all, 'energy', [0.05, 0.55])).toEqual([0.9, 0.9]);
  expect(measureExtrapolation(tied, all, all, 'valence', [0.05, 0.95])).toEqual([0, 0]);
  // What no song has is unlike all; what a song lacks says nothing.
  expect(measureExtrapolation(tied, all, all, 'key', [1, 3])).toEqual([0, 1]);
  const gaps = makeTracks(
    songs.map((song) => song.with(featureNames.indexOf('loudness'), Number.NaN)),
    songs.map(() => 50),
  );
  expect(measureExtrapolation(gaps, all, all, 'energy', [0.05])).toEqual([0]);
});
