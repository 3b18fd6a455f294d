import { expect, test } from 'vitest';
import { makeTracks } from '../../testing/madeTracks.ts';
import { artist } from './artist.ts';

/** A song that sounds like no other. */
const sound = (row: number) => new Array(13).fill(row);
const none = new Uint32Array(0);

function makeSongs(songs: readonly (readonly [artist: string, popularity: number])[]) {
  const tracks = makeTracks(
    songs.map((_, row) => sound(row)),
    songs.map(([, popularity]) => popularity),
  );
  return { ...tracks, artist: songs.map(([name]) => name), title: songs.map((_, row) => `Title ${row}`) };
}

const tracks = makeSongs([
  ['X', 70],
  ['X', 80],
  ['Y', 30],
  ['Y', 20],
  ['X', 0],
  ['Z', 0],
]);
const train = Uint32Array.of(0, 1, 2, 3);

test('predicts by the artist’s other songs, shrunken by the training rows’ own variances', async () => {
  const fitted = await artist.fit(tracks, { seed: 1, train, validation: none });
  // Within: 100/2. Between: 2500 of the means 75 and 25, less 50, over 2.
  expect(fitted.means.effects).toEqual({ mean: 50, between: 1225, within: 50 });
  const shrink = (sum: number, count: number) => 50 + (1225 * (sum - 50 * count)) / (1225 * count + 50);
  const predicted = fitted.predict(tracks, Uint32Array.of(0, 3, 4, 5));
  [shrink(80, 1), shrink(30, 1), shrink(150, 2), 50].forEach((expected, i) => {
    expect(predicted[i]).toBeCloseTo(expected, 12);
  });
});

test('fitted on training and validation rows together', async () => {
  const parts = await artist.fit(tracks, { seed: 1, train: Uint32Array.of(1, 3), validation: Uint32Array.of(0, 2) });
  const whole = await artist.fit(tracks, { seed: 1, train, validation: none });
  expect(parts.save()).toEqual(whole.save());
});

test('without artists it is the mean', async () => {
  const nameless = { ...tracks, artist: tracks.artist.map(() => '') };
  const fitted = await artist.fit(nameless, { seed: 1, train, validation: none });
  expect([...fitted.predict(nameless, Uint32Array.of(0, 5))]).toEqual([50, 50]);
});
