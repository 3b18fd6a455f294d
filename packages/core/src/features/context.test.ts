import { expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { DataError } from '../errors.ts';
import { featureNames } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { fitContext, gatherInputs, nameContext, nameInputs, noContext } from './context.ts';

const count = 200;
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
const train = rowsFrom(0, 150);
const held = rowsFrom(150, count);

function makeSongs(popularity: (row: number) => number): Tracks {
  const songs = Array.from({ length: count }, (_, row) => ({ artist: `Artist ${row % 20}`, title: `Title ${row}` }));
  const values = Float64Array.from({ length: count }, (_, row) => popularity(row));
  return { ...makeNamedTracks(songs), popularity: { values, missing: new Uint8Array(count) } };
}

const tracks = makeSongs((row) => 30 + 2 * (row % 20) + ((row * 7) % 11));

test('adds its columns after the audio, and nothing without groups', () => {
  const context = fitContext(tracks, train, ['artist', 'era'], 1);
  expect(nameContext(context)).toEqual(['artist_mean', 'artist_songs', 'file_block']);
  expect(nameInputs(context)).toEqual([...featureNames, 'artist_mean', 'artist_songs', 'file_block']);
  expect(Object.keys(gatherInputs(context, tracks, train)).sort()).toEqual(nameInputs(context).sort());
  expect(fitContext(tracks, train, [], 1)).toEqual(noContext);
  expect(nameInputs(noContext)).toEqual([...featureNames]);
});

test('new songs are told of all training songs of their artist, the better known ones with less shrinkage', () => {
  const context = fitContext(tracks, train, ['artist'], 1);
  const { artist_mean, artist_songs } = gatherInputs(context, tracks, held);
  const effects = context.artist?.effects ?? expect.fail('no artist');
  for (const row of held) {
    const others = train.filter((other) => other % 20 === row % 20);
    const sum = others.reduce((total, other) => total + tracks.popularity.values[other], 0);
    const weight = effects.between / (effects.between + effects.within / others.length);
    expect(artist_songs.values[row]).toBeCloseTo(Math.log(1 + others.length), 14);
    expect(artist_mean.values[row]).toBeCloseTo(effects.mean + weight * (sum / others.length - effects.mean), 10);
  }
});

test('test rows have no part in it, and no training row is told of itself', () => {
  const encode = (table: Tracks) => gatherInputs(fitContext(table, train, ['artist', 'era'], 1), table, train);
  const usual = encode(tracks);
  expect(encode(makeSongs((row) => (row < 150 ? tracks.popularity.values[row] : 0)))).toEqual(usual);
  const other = encode(makeSongs((row) => (row === 7 ? 0 : tracks.popularity.values[row])));
  // Its own popularity moves the variances and the mean of all a little, and with them how far means are shrunken.
  expect(Math.abs(other.artist_mean.values[7] - usual.artist_mean.values[7])).toBeLessThan(1);
  expect(other.artist_songs.values[7]).toBe(usual.artist_songs.values[7]);
});

test('a training row’s popularity can hardly be read off the column within one artist', () => {
  const noise = makeSongs((row) => (row * 7919) % 101);
  const songs = { ...noise, artist: noise.artist.map(() => 'X') };
  const { artist_mean } = gatherInputs(fitContext(songs, train, ['artist'], 1), songs, train);
  const found = correlate(artist_mean.values.subarray(0, 150), songs.popularity.values.subarray(0, 150));
  // Were each song alone left out, −1. Of the 15 songs of a fold it is one: −1/√15 = −0.26; its standard error is 0.08.
  expect(Math.abs(found)).toBeLessThan(0.5);
});

function correlate(a: Float64Array, b: Float64Array): number {
  const center = (values: Float64Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const [left, right] = [center(a), center(b)];
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
}

test('the context of an artist needs artists', () => {
  const nameless = { ...tracks, artist: tracks.artist.map(() => '') };
  expect(() => fitContext(nameless, train, ['artist'], 1)).toThrow(DataError);
  expect(() => fitContext(nameless, train, ['artist'], 1)).toThrow('made.csv: must name artists (artist_name)');
  const context = fitContext(tracks, train, ['artist'], 1);
  const { artist_mean, artist_songs } = gatherInputs(context, nameless, Uint32Array.of(0));
  expect([artist_mean.values[0], artist_songs.values[0]]).toEqual([context.artist?.effects.mean, 0]);
});
