import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { fitArtistMeans, sumOtherSongs } from './artistMeans.ts';

interface Song {
  readonly artist?: string;
  readonly title?: string;
  readonly id?: string;
  readonly popularity: number;
}

function makeSongs(songs: readonly Song[]): Tracks {
  const popularity = {
    values: Float64Array.from(songs, (song) => song.popularity),
    missing: new Uint8Array(songs.length),
  };
  return { ...makeNamedTracks(songs), popularity };
}

const everyRow = ({ count }: Tracks) => Uint32Array.from({ length: count }, (_, row) => row);
const alone = { folds: null, seed: 1 };

test('sums the other songs of the artist, however the name is written; an unknown one has none', () => {
  const tracks = makeSongs([
    { artist: 'Beyoncé', title: 'A', popularity: 80 },
    { artist: 'BEYONCE feat. Jay-Z', title: 'B', popularity: 60 },
    { artist: 'Beyonce', title: 'C', popularity: 50 },
    { artist: 'Other', title: 'A', popularity: 10 },
    { title: 'A', popularity: 5 },
    { artist: 'New', title: 'D', popularity: 99 },
  ]);
  const means = fitArtistMeans(tracks, Uint32Array.of(0, 1, 2, 3, 4), alone);
  const { sums, counts } = sumOtherSongs(means, tracks, everyRow(tracks));
  expect([...sums]).toEqual([110, 130, 140, 0, 0, 0]);
  expect([...counts]).toEqual([2, 2, 2, 0, 0, 0]);
});

test('repeats of a song are one song, and are left out together: by id, by title, by a chain of both', () => {
  const tracks = makeSongs([
    { artist: 'X', title: 'A', id: '1', popularity: 80 },
    { artist: 'X', title: 'B', id: '1', popularity: 60 },
    { artist: 'X', title: 'B - Remastered 2011', id: '2', popularity: 40 },
    { artist: 'X', title: 'C', id: '3', popularity: 10 },
  ]);
  const means = fitArtistMeans(tracks, everyRow(tracks), alone);
  expect(means.songs.map(({ popularity }) => popularity)).toEqual([60, 10]);
  expect([...sumOtherSongs(means, tracks, everyRow(tracks)).sums]).toEqual([10, 10, 10, 60]);
});

test('a training song is known again in another table', () => {
  const means = fitArtistMeans(
    makeSongs([
      { artist: 'X', title: 'A', id: '1', popularity: 80 },
      { artist: 'X', title: 'B', id: '2', popularity: 20 },
    ]),
    Uint32Array.of(0, 1),
    alone,
  );
  const elsewhere = makeSongs([
    { artist: 'x', title: 'New', popularity: 0 },
    { artist: 'x', title: 'a', popularity: 0 },
    { artist: 'x', id: '2', popularity: 0 },
  ]);
  expect([...sumOtherSongs(means, elsewhere, Uint32Array.of(0, 1, 2)).sums]).toEqual([100, 20, 80]);
});

test('songs are dealt to folds of equal size, and a training row misses its whole fold', () => {
  const tracks = makeSongs(
    Array.from({ length: 60 }, (_, row) => ({ artist: 'X', title: `Title ${row}`, popularity: row })),
  );
  const means = fitArtistMeans(tracks, everyRow(tracks), { folds: 10, seed: 4 });
  const { sums, counts } = sumOtherSongs(means, tracks, everyRow(tracks));
  expect(counts.every((count) => count === 54)).toBe(true);
  means.songs.forEach(({ fold }, row) => {
    const rest = means.songs.reduce((sum, song) => sum + (song.fold === fold ? 0 : song.popularity), 0);
    expect(sums[row]).toBe(rest);
  });
  const other = fitArtistMeans(tracks, everyRow(tracks), { folds: 10, seed: 5 });
  expect(other.songs.map(({ fold }) => fold)).not.toEqual(means.songs.map(({ fold }) => fold));
});

test('no row is told of its own popularity, whatever repeats there are', () => {
  const song = fc.record({
    artist: fc.constantFrom('', 'X', 'Y'),
    title: fc.constantFrom('', 'A', 'B', 'C', 'D'),
    id: fc.constantFrom('', '1', '2', '3'),
    popularity: fc.integer({ min: 0, max: 100 }),
  });
  const property = fc.property(
    fc.array(song, { minLength: 1, maxLength: 12 }),
    fc.nat(),
    fc.constantFrom(null, 2, 3),
    (songs, pick, folds) => {
      const row = pick % songs.length;
      const summed = (popularity: number) => {
        const tracks = makeSongs(songs.with(row, { ...songs[row], popularity }));
        const { sums, counts } = sumOtherSongs(
          fitArtistMeans(tracks, everyRow(tracks), { folds, seed: 1 }),
          tracks,
          Uint32Array.of(row),
        );
        return [sums[0], counts[0]];
      };
      // A row without id and title cannot be known again.
      fc.pre(songs[row].title !== '' || songs[row].id !== '');
      expect(summed(0)).toEqual(summed(100));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('a table without artists gives the mean of all, with nothing between artists', () => {
  const tracks = makeSongs([{ popularity: 10 }, { popularity: 30 }]);
  const { effects, songs } = fitArtistMeans(tracks, everyRow(tracks), alone);
  expect(effects).toEqual({ mean: 20, between: 0, within: 1 });
  expect(songs).toEqual([]);
});
