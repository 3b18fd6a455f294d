import { expect, test } from 'vitest';
import { makeNamedTracks } from '../../testing/madeTracks.ts';
import { ConfigError } from '../errors.ts';
import { encodeEra, fitEra } from './era.ts';

const plain = makeNamedTracks(new Array(25).fill({}));
const everyRow = Uint32Array.from({ length: 25 }, (_, row) => row);

test('blocks are tenths of the file, in its order', () => {
  const { values, missing } = encodeEra(fitEra(plain), plain, everyRow);
  expect([...values]).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9]);
  expect([...missing]).toEqual(new Array(25).fill(0));
  expect(new Set(encodeEra(fitEra(plain, 3), plain, everyRow).values).size).toBe(3);
});

test('finer blocks than ten are refused, as they tell the target', () => {
  expect(() => fitEra(plain, 11)).toThrow(ConfigError);
  expect(() => fitEra(plain, 11)).toThrow('era: must have 1 to 10 blocks, as finer ones tell the target, got 11');
  expect(() => fitEra(plain, 2.5)).toThrow('got 2.5');
});

test('a position means nothing in another file, or in the same with other rows', () => {
  const encoder = fitEra(plain);
  const other = { ...plain, source: { ...plain.source, sha256: '1'.repeat(64) } };
  expect([...encodeEra(encoder, other, everyRow).missing]).toEqual(new Array(25).fill(1));
  const shorter = makeNamedTracks(new Array(24).fill({}));
  expect([...encodeEra(encoder, shorter, Uint32Array.of(0, 1)).missing]).toEqual(new Array(24).fill(1));
});

test('release years where there are dates enough; rows that were not asked for stay missing', () => {
  const songs = Array.from({ length: 25 }, (_, row) => ({ date: row === 3 ? '' : `${1990 + row}-05` }));
  const dated = makeNamedTracks(songs, true);
  const encoder = fitEra(dated);
  expect(encoder).toEqual({ kind: 'year' });
  const { values, missing } = encodeEra(encoder, dated, Uint32Array.of(2, 3, 4));
  expect([...values.subarray(2, 5)]).toEqual([1992, 0, 1994]);
  expect([...missing.subarray(1, 6)]).toEqual([1, 0, 1, 0, 1]);
  expect([...encodeEra(encoder, plain, everyRow).missing]).toEqual(new Array(25).fill(1));
  const sparse = makeNamedTracks(
    songs.map((song, row) => (row < 5 ? {} : song)),
    true,
  );
  expect(fitEra(sparse).kind).toBe('block');
});
