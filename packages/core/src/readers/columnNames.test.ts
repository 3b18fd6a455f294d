import { describe, expect, test } from 'vitest';
import { readContents } from '../../testing/madeCsv.ts';
import { seedColumns, spotifySchema } from '../tracks/schema.ts';
import { foldColumn, matchColumns } from './columnNames.ts';

const match = (header: string) => Object.fromEntries(matchColumns(header.split(','), spotifySchema));

describe('columns are found', () => {
  test('under their own names, however these are spelt', () => {
    const spellings = [
      seedColumns,
      seedColumns.map((name) => name.toUpperCase()),
      seedColumns.map((name) => name.replaceAll('_', ' ')),
      seedColumns.map((name) => name.replaceAll('_', '-')),
      seedColumns.map((name) => name.replace('duration_ms', 'Duration (ms)')),
    ];
    for (const names of spellings) {
      const found = matchColumns(names, spotifySchema);
      expect([...found.entries()].every(([meaning, position]) => seedColumns[position] === meaning)).toBe(true);
      expect(found.size).toBe(seedColumns.length);
    }
  });

  test.each<[string, Record<string, number>]>([
    // An export of a playlist.
    [
      'Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Tempo,Time Signature',
      {
        track_id: 0,
        track_name: 1,
        artist_name: 3,
        release_date: 4,
        duration_ms: 5,
        popularity: 6,
        tempo: 7,
        time_signature: 8,
      },
    ],
    [
      'artist,song,year,popularity,energy',
      { artist_name: 0, track_name: 1, release_date: 2, popularity: 3, energy: 4 },
    ],
    ['track_artist,track_popularity,track_album_release_date', { artist_name: 0, popularity: 1, release_date: 2 }],
    [
      'song_name,song_popularity,song_duration_ms,audio_mode,audio_valence',
      { track_name: 0, popularity: 1, duration_ms: 2, mode: 3, valence: 4 },
    ],
    ['id,name,artists,id_artists', { track_id: 0, track_name: 1, artist_name: 2 }],
    // Its own name before any other.
    ['song_popularity,popularity', { popularity: 1 }],
    ['artist,artist_name', { artist_name: 1 }],
    ['year,release_date', { release_date: 1 }],
  ])('under the names of well-known tables: %s', (header, positions) => {
    expect(match(header)).toEqual(positions);
  });

  test.each([
    'artist_popularity',
    'artist_followers',
    'danceability_%',
    'key_mode',
    'genre',
    'album_popularity',
    'track',
  ])('and %s is none of them', (name) => {
    expect(match(name)).toEqual({});
  });
});

test('a name is folded to its letters and digits', () => {
  expect(foldColumn(' Beats Per Minute (BPM)')).toBe('beatsperminutebpm');
  expect(foldColumn('danceability_%')).toBe('danceability%');
});

describe('a table with other names', () => {
  const header = 'Track Name,Artist Name(s),Popularity,Energy,Valence,artist_popularity';
  const rows = ['A,Ann;Guest,50,0.5,0.1,90', 'B,Ann,60,0.6,0.2,90', 'C,Bea,40,0.4,0.3,10'];

  test('is read, and says how', async () => {
    const { tracks, renamed, quality } = await readContents([header, ...rows].join('\n'));
    expect(tracks.title).toEqual(['A', 'B', 'C']);
    // The first of several artists is the main one.
    expect(tracks.artist).toEqual(['Ann', 'Ann', 'Bea']);
    expect([...tracks.popularity.values]).toEqual([50, 60, 40]);
    expect([...tracks.features.energy.values]).toEqual([0.5, 0.6, 0.4]);
    expect(tracks.features.tempo.missing.every((missing) => missing === 1)).toBe(true);
    expect(renamed).toContainEqual({ name: 'Artist Name(s)', meaning: 'artist_name' });
    expect(quality.ignoredColumns).toEqual(['artist_popularity']);
  });

  test('is refused without the song’s popularity, and never offered the artist’s', async () => {
    const without = [header, ...rows].join('\n').replace('Popularity', 'artist followers');
    await expect(readContents(without)).rejects.toThrow(
      /must have a column of popularity, got none; rename or add it$/,
    );
  });
});
