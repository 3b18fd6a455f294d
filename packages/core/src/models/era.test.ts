import { expect, test } from 'vitest';
import { makeTracks } from '../../testing/madeTracks.ts';
import { era } from './era.ts';

const blank = new Array(13).fill(0);
const none = new Uint32Array(0);

const popularity = Array.from({ length: 40 }, (_, row) => (row < 20 ? 70 : 30) + (row % 2));
const tracks = makeTracks(
  popularity.map(() => blank),
  popularity,
);
const even = Uint32Array.from({ length: 20 }, (_, i) => 2 * i);

test('without dates, predicts by the tenth of the file, from training rows alone', async () => {
  const fitted = await era.fit(tracks, { seed: 1, train: even, validation: none });
  expect(fitted.eras.sums).toEqual(
    [0, 1, 2, 3, 4].map((block) => [block, 140, 2]).concat([5, 6, 7, 8, 9].map((block) => [block, 60, 2])),
  );
  // Nothing varies within a block, so nothing is shrunken.
  expect([...fitted.predict(tracks, Uint32Array.of(1, 19, 21, 39))]).toEqual([70, 70, 30, 30]);
  const elsewhere = { ...tracks, source: { ...tracks.source, sha256: '1'.repeat(64) } };
  expect(fitted.predict(elsewhere, Uint32Array.of(1))[0]).toBeCloseTo(50, 12);
});

test('with dates, by the year, shrunken; a year that was not seen gets the mean', async () => {
  const releaseDate = popularity.map((_, row) =>
    row === 39 ? '2030' : row === 38 ? '' : row < 20 ? '1990' : '2000-01-02',
  );
  const dated = { ...tracks, releaseDate };
  const train = Uint32Array.from({ length: 38 }, (_, row) => row);
  const fitted = await era.fit(dated, { seed: 1, train, validation: none });
  expect(fitted.eras.sums).toEqual([
    [1990, 1410, 20],
    [2000, 549, 18],
  ]);
  const { mean } = fitted.eras.effects;
  const [old, recent, later, undated] = fitted.predict(dated, Uint32Array.of(0, 20, 39, 38));
  expect(old).toBeGreaterThan(70.4);
  expect(old).toBeLessThan(70.5);
  expect(recent).toBeGreaterThan(30.5);
  expect(recent).toBeLessThan(30.6);
  expect([later, undated]).toEqual([mean, mean]);
});
