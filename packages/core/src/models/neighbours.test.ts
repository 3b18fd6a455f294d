import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { findNearest, neighboursRegressor } from './neighbours.ts';

const none = new Uint32Array(0);
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

test('finds what sorting all distances finds, the earlier of equally near ones', () => {
  const property = fc.property(
    fc.integer(),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 4 }),
    (seed, rows, columns) => {
      const random = makeRandom(seed);
      // Few whole numbers: many distances are equal, and exact.
      const draw = () => Math.floor(4 * random());
      const points = Float64Array.from({ length: rows * columns }, draw);
      const query = Float64Array.from({ length: columns }, draw);
      const distances = Array.from({ length: rows }, (_, row) =>
        query.reduce((sum, value, j) => sum + (points[row * columns + j] - value) ** 2, 0),
      );
      const sorted = [...distances.keys()].sort((a, b) => distances[a] - distances[b] || a - b);
      const nearest = new Uint32Array(1 + ((seed >>> 0) % rows));
      findNearest(points, query, nearest);
      expect([...nearest]).toEqual(sorted.slice(0, nearest.length));
    },
  );
  fc.assert(property, { numRuns: 200 });
});

/** Popularity is a wave in one feature. */
function makeTable(rows: number, amplitude: number, noise: number) {
  const random = makeRandom(41);
  const features = Array.from({ length: rows }, () => featureNames.map((_, j) => (j === 1 ? random() : 0.5)));
  return makeTracks(
    features,
    features.map((row) => 50 + amplitude * Math.sin(20 * row[1]) + noise * (random() - 0.5)),
  );
}

test('few neighbours where detail counts, many where all is noise', async () => {
  const options = { seed: 1, train: rowsFrom(0, 300), validation: none };
  const detailed = await neighboursRegressor([]).fit(makeTable(300, 20, 1), options);
  expect(detailed.neighbours).toBe(10);
  const noisy = await neighboursRegressor([]).fit(makeTable(300, 0, 50), options);
  // Their errors differ by chance: (1 + 1/80)·208 and (1 + 1/40)·208.
  expect(noisy.neighbours).toBeGreaterThanOrEqual(40);
});

test('a song as one that was seen is predicted by its neighbourhood; with fewer rows than neighbours all count', async () => {
  const tracks = makeTable(400, 20, 0);
  const options = { seed: 1, train: rowsFrom(0, 250), validation: rowsFrom(250, 300) };
  const predicted = (await neighboursRegressor([]).fit(tracks, options)).predict(tracks, rowsFrom(300, 400));
  // Ten neighbours of 300 span 1/30 of the wave's course, which there changes by at most 20·20/30/2 to either side.
  predicted.forEach((value, i) => {
    expect(Math.abs(value - tracks.popularity.values[300 + i])).toBeLessThan(7);
  });
  const few = await neighboursRegressor([]).fit(tracks, { ...options, train: rowsFrom(0, 6), validation: none });
  const mean = tracks.popularity.values.subarray(0, 6).reduce((sum, value) => sum + value, 0) / 6;
  expect(few.predict(tracks, Uint32Array.of(8))[0]).toBeCloseTo(mean, 10);
});
