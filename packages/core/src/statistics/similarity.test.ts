import { expect, test } from 'vitest';
import { findMostSimilar, measureSimilarity } from './similarity.ts';

test('Dice: twice the shared bigrams over all of both', () => {
  // ni ig gh ht t · na ac ch ht t: two of ten are shared, each on both sides.
  expect(measureSimilarity('night', 'nacht')).toBe(0.4);
  expect(measureSimilarity('Popularity', 'popularity')).toBe(1);
  expect(measureSimilarity('ab', 'xy')).toBe(0);
  expect(measureSimilarity('x', 'x')).toBe(1);
  expect(measureSimilarity('', '')).toBe(0);
});

test('the most similar name is the first of equally similar ones', () => {
  expect(findMostSimilar('popularity', ['energy', 'song_popularity', 'song_popularity_'])?.name).toBe(
    'song_popularity',
  );
  expect(findMostSimilar('tempo', ['a', 'b'])).toEqual({ name: 'a', similarity: 0 });
  expect(findMostSimilar('tempo', [])).toBeNull();
});
