import { expect, test } from 'vitest';
import { makeCsv, makeSong, readContents } from '../../testing/madeCsv.ts';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { describeQuality } from './quality.ts';

test('a table is described in figures, as plain JSON', async () => {
  const songs = [
    makeSong(1, { tempo: 100, popularity: 0 }),
    makeSong(2, { tempo: 140, energy: '' }),
    makeSong(3, { tempo: 0, artist_name: 'Artist 1', track_name: 'Title 1 - Remastered 2011' }),
    makeSong(4, { tempo: 120, popularity: 80 }),
    makeSong(5, { tempo: 90, popularity: 'high' }),
  ];
  const { quality } = await readContents(makeCsv(songs));
  expect(quality).toMatchObject({ rows: 4, repeats: 1, artists: 3, popularityZeros: 1, ignoredColumns: [], notes: [] });
  expect(quality.columns.tempo).toEqual({ missing: 1, sentinels: 1, minimum: 100, median: 120, maximum: 140 });
  expect(quality.columns.energy).toMatchObject({ missing: 1, sentinels: 0 });
  expect(quality.columns.popularity).toMatchObject({ minimum: 0, median: 2.5, maximum: 80 });
  expect(JSON.parse(JSON.stringify(quality))).toEqual(quality);
});

test('a median of the largest numbers is one of them', () => {
  const tracks = makeNamedTracks([{ id: 'a' }, { id: 'b' }]);
  tracks.features.tempo.values.fill(Number.MAX_VALUE);
  tracks.features.tempo.missing.fill(0);
  expect(describeQuality(tracks).columns.tempo.median).toBe(Number.MAX_VALUE);
});

test('a column without any value has no figures', () => {
  const tracks = makeNamedTracks([{ id: 'a' }, { id: 'b' }]);
  tracks.features.tempo.missing.fill(1);
  const { columns, artists } = describeQuality(tracks);
  expect(columns.tempo).toEqual({ missing: 2, sentinels: 0, minimum: null, median: null, maximum: null });
  expect(artists).toBe(0);
});
