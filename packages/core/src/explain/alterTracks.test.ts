import { expect, test } from 'vitest';
import { regressBy } from '../../testing/madeRegressor.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { featureNames } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import {
  canExplain,
  joinTables,
  mixSongs,
  predictAll,
  readFeature,
  type SongPart,
  setFeatures,
  takeSongs,
} from './alterTracks.ts';

/** Row r holds r + j/100 in feature j, and missing values on a diagonal. */
function makeNumbered(count: number, dated: boolean): Tracks {
  const rows = Array.from({ length: count }, (_, r) =>
    featureNames.map((_, j) => (r === j ? Number.NaN : r + j / 100)),
  );
  const texts = (what: string) => rows.map((_, r) => `${what} ${r}`);
  return {
    ...makeTracks(
      rows,
      rows.map((_, r) => r),
    ),
    artist: texts('artist'),
    title: texts('title'),
    trackId: texts('id'),
    ...(dated ? { releaseDate: rows.map((_, r) => `${2000 + r}`) } : {}),
  };
}

const tracks = makeNumbered(5, true);

test('parts come from the rows they are told to, all else from the base', () => {
  const moved = new Map<SongPart, Uint32Array>([
    ['energy', Uint32Array.of(1, 3, 4)],
    ['artist', Uint32Array.of(4, 4, 0)],
    ['release', Uint32Array.of(3, 1, 1)],
  ]);
  const mixed = mixSongs(tracks, Uint32Array.of(2, 2, 0), moved);
  expect(mixed.count).toBe(3);
  expect(mixed.trackId).toEqual(['id 4', 'id 4', 'id 0']);
  expect(mixed.artist).toEqual(['artist 4', 'artist 4', 'artist 0']);
  expect(mixed.title).toEqual(['title 4', 'title 4', 'title 0']);
  expect(mixed.releaseDate).toEqual(['2003', '2001', '2001']);
  expect([...mixed.popularity.values]).toEqual([2, 2, 0]);
  expect([...mixed.fileRow]).toEqual([4, 4, 2]);
  // Energy is feature 3, which row 3 lacks; duration is feature 2, which row 2 lacks.
  expect([0, 1, 2].map((row) => readFeature(mixed, row, 'energy'))).toEqual([1.03, null, 4.03]);
  expect([0, 1, 2].map((row) => readFeature(mixed, row, 'duration_ms'))).toEqual([null, null, 0.02]);
  expect([0, 1, 2].map((row) => readFeature(mixed, row, 'valence'))).toEqual([2.12, 2.12, 0.12]);
});

test('one table follows the other, dates or not', () => {
  const joined = joinTables(tracks, makeNumbered(2, false));
  expect(joined.count).toBe(7);
  expect(joined.releaseDate).toEqual(['2000', '2001', '2002', '2003', '2004', '', '']);
  expect(joined.title.at(-1)).toBe('title 1');
  expect([4, 5, 6].map((row) => readFeature(joined, row, 'acousticness'))).toEqual([4, null, 1]);
  expect([...joined.fileRow]).toEqual([2, 3, 4, 5, 6, 2, 3]);
  expect(joinTables(makeNumbered(1, false), makeNumbered(1, false)).releaseDate).toBeUndefined();
});

test('values are set for every row, NaN as missing, and the table given stays', () => {
  const changed = setFeatures(tracks, new Map([['tempo', Float64Array.of(1, Number.NaN, 3, 4, 5)]]));
  expect([0, 1, 2].map((row) => readFeature(changed, row, 'tempo'))).toEqual([1, null, 3]);
  expect(readFeature(tracks, 1, 'tempo')).toBe(1.1);
  expect(changed.features.energy).toBe(tracks.features.energy);
});

test('songs are taken with their predictions', () => {
  const fitted = regressBy(({ valence }) => 10 * valence);
  const { tracks: taken, predicted } = takeSongs(fitted, tracks, Uint32Array.of(3, 1, 1));
  expect(taken.artist).toEqual(['artist 3', 'artist 1', 'artist 1']);
  expect([...predicted]).toEqual([3, 1, 1].map((row) => 10 * (row + 0.12)));
  expect([...predictAll(fitted, taken)]).toEqual([...predicted]);
  expect(() => takeSongs(fitted, tracks, new Uint32Array(0))).toThrow('needs at least one song, got 0');
});

test('a model that goes by places in a file is refused', () => {
  const placed: FittedRegressor = {
    ...regressBy(() => 0),
    predict: ({ source }, rows) => Float64Array.from(rows, (row) => (source.sha256 === '' ? -1 : row)),
  };
  expect(() => takeSongs(placed, tracks, Uint32Array.of(2))).toThrow('context: must not be a place in a file');
});

test('a model that reads the era from places in a file is not explained', () => {
  const dated = (last: string) => ({ ...tracks, releaseDate: ['1999', '2001', '2003', '2005', last] });
  expect(canExplain(dated('2004'), ['era'])).toBe(true);
  expect(canExplain(dated(''), ['era'])).toBe(false);
  expect(canExplain(makeNumbered(5, false), ['artist'])).toBe(true);
});
