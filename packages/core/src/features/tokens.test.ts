import { expect, test } from 'vitest';
import { makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { encodeVectors, fitVectors } from './standardise.ts';
import { encodeTokens, fitTokens } from './tokens.ts';

const known = ['energy', 'mode', 'valence'];
const rows = Uint32Array.of(0, 1, 2, 3);

/** Four songs of which only some features are known. */
const makeSongs = (names: readonly string[]) =>
  makeTracks(
    Array.from(rows, (row) => featureNames.map((name) => (names.includes(name) ? (row + 1) / 2 : Number.NaN))),
    [10, 20, 30, 40],
  );

const reload = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

test('of a feature that no training song knew nothing is read, whoever knows it later', () => {
  const [some, all] = [makeSongs(known), makeSongs(featureNames)];
  const tokens = reload(fitTokens(some, rows, 4));
  expect(encodeTokens(tokens, all, rows)).toEqual(encodeTokens(tokens, some, rows));
  const vectors = reload(fitVectors(some, rows, ['tempo', 'energy']));
  expect(encodeVectors(vectors, all, rows)).toEqual(encodeVectors(vectors, some, rows));
});

test('of a feature that some training song knew all is read', () => {
  const all = makeSongs(featureNames);
  const { numeric, codes } = encodeTokens(fitTokens(all, rows, 4), all, rows);
  expect([...numeric, ...codes].some(Number.isNaN)).toBe(false);
  expect(new Set(numeric).size).toBe(4);
});
