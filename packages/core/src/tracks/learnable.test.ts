import { expect, test } from 'vitest';
import { makeTracks } from '../../testing/madeTracks.ts';
import { checkLearnable, listUnknown } from './learnable.ts';
import { featureNames } from './schema.ts';

/** Two songs that know so many features. */
const songsKnowing = (known: number, popularity = [1, 2]) =>
  makeTracks(
    popularity.map((_, row) => featureNames.map((_, j) => (j < known ? row : Number.NaN))),
    popularity,
  );

test('a table must have two features with values', () => {
  const left = (names: readonly string[]) => names.join(', ');
  expect(() => checkLearnable(songsKnowing(0))).toThrow(/^made\.csv: 13 of 13 features hold no value/);
  expect(() => checkLearnable(songsKnowing(1))).toThrow(
    `made.csv: 12 of 13 features hold no value (${left(featureNames.slice(1))}); training needs at least 2 that do`,
  );
  expect(() => checkLearnable(songsKnowing(2))).not.toThrow();
  expect(listUnknown(songsKnowing(11))).toEqual(['time_signature', 'valence']);
});

test.each([0, 55, 100, 0.5])('a table whose popularity is %d throughout has nothing to learn', (value) => {
  expect(() => checkLearnable(songsKnowing(13, [value, value]))).toThrow(
    `made.csv: popularity is ${value} in every row, nothing to learn`,
  );
  expect(() => checkLearnable(songsKnowing(13, [value, value, value / 2 + 1]))).not.toThrow();
});
