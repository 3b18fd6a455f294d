import { expect, test } from 'vitest';
import { makeUniformSongs } from '../../testing/madeSongs.ts';
import { makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { rowsUpTo } from './alterTracks.ts';
import { groupCorrelated } from './factors.ts';

test('features are grouped by correlated ranks, through others too; categories never are', () => {
  const independent = makeUniformSongs(400, 1, () => 50);
  const at = (name: string) => featureNames.indexOf(name);
  const songs = Array.from({ length: 400 }, (_, row) => {
    const song = featureNames.map((name) => independent.features[name].values[row]);
    // Loudness follows energy, and acousticness runs against loudness: it is tied to energy only by a chain.
    song[at('loudness')] = Math.exp(4 * (0.55 * song[at('energy')] + 0.45 * song[at('loudness')]));
    song[at('acousticness')] = -0.5 * Math.log(song[at('loudness')]) + 1.1 * song[at('acousticness')];
    song[at('mode')] = song[at('key')];
    return song;
  });
  songs[0][at('energy')] = Number.NaN;
  const tracks = makeTracks(
    songs,
    songs.map(() => 50),
  );
  const groups = groupCorrelated(tracks, rowsUpTo(400));
  expect(groups.filter(({ parts }) => parts.length > 1)).toEqual([
    { name: 'acousticness + energy + loudness', parts: ['acousticness', 'energy', 'loudness'] },
  ]);
  expect(groups.flatMap(({ parts }) => parts).sort()).toEqual([...featureNames].sort());
  expect(groups.map(({ parts }) => featureNames.indexOf(parts[0] as string))).toEqual([
    0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12,
  ]);
  // Nothing is as alike as itself.
  expect(groupCorrelated(tracks, rowsUpTo(400), 1)).toHaveLength(13);
});

test('features that do not vary, or are never known together, stay alone', () => {
  const songs = Array.from({ length: 6 }, (_, row) =>
    featureNames.map((_, j) => (j === 0 ? 1 : (row + j) % 2 ? row : Number.NaN)),
  );
  const tracks = makeTracks(
    songs,
    songs.map(() => 50),
  );
  const [first, second, third] = groupCorrelated(tracks, rowsUpTo(6));
  expect(first.parts).toEqual(['acousticness']);
  // Every other feature is known in the same rows, and grows with them.
  expect(second.name).toBe('danceability + energy + loudness + speechiness');
  expect(third.name).toBe('duration_ms + instrumentalness + liveness + tempo + valence');
  expect(() => groupCorrelated(tracks, rowsUpTo(6), 0)).toThrow('atLeast must be above 0 and at most 1, got 0');
});
