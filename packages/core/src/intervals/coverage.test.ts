import { readFileSync } from 'node:fs';
import { randomStream } from '@hitscan/mamba';
import { expect, test } from 'vitest';
import { makeNamedTracks } from '../../../hitscan/testing/madeFiles.ts';
import { normalQuantile } from '../statistics/normal.ts';
import {
  estimateShare,
  findDeciles,
  findSeenArtists,
  measureCoverage,
  measureGroups,
  scoreIntervals,
} from './coverage.ts';

const golden: { wilson: { successes: number; trials: number; low: number; high: number }[] } = JSON.parse(
  readFileSync(new URL('golden/intervals.json', import.meta.url), 'utf8'),
);

test.each(golden.wilson)("golden: Wilson's interval of $successes in $trials", ({ successes, trials, low, high }) => {
  const found = estimateShare(successes, trials);
  // The same formula in doubles.
  expect(Math.abs(found.low - low)).toBeLessThan(1e-12);
  expect(Math.abs(found.high - high)).toBeLessThan(1e-12);
});

test('a share needs trials', () => {
  expect(() => estimateShare(0, 0)).toThrow('successes must be 0 to the number of trials, got 0 of 0');
  expect(() => estimateShare(3, 2)).toThrow('got 3 of 2');
});

const actual = Float64Array.of(10, 20, 30, 40);
const intervals = { low: Float64Array.of(10, 0, 31, 10), high: Float64Array.of(12, 20, 40, 30) };

test('ends count as covered; score and width are of all rows', () => {
  const found = measureCoverage(actual, intervals, 0.9);
  expect(found).toMatchObject({ rows: 4, covered: 0.5, meanWidth: (2 + 20 + 9 + 20) / 4 });
  expect(found.coveredLow).toBeCloseTo(0.15, 2);
  // The third misses by 1, the fourth by 10; each point costs 2 / 0.1.
  expect([...scoreIntervals(actual, intervals, 0.9)].map((score) => Math.round(score * 1e9) / 1e9)).toEqual([
    2, 20, 29, 220,
  ]);
  expect(found.intervalScore).toBeCloseTo((2 + 20 + 29 + 220) / 4, 9);
});

test('a group without rows has no figures', () => {
  const [none, all] = measureGroups(actual, intervals, 0.9, [1, 1, 1, 1], 2);
  expect(none).toEqual({
    rows: 0,
    covered: null,
    coveredLow: null,
    coveredHigh: null,
    meanWidth: null,
    intervalScore: null,
  });
  expect(all).toEqual(measureCoverage(actual, intervals, 0.9));
});

test('an interval without ends covers, at infinite width', () => {
  const endless = { low: Float64Array.of(-Infinity), high: Float64Array.of(Infinity) };
  expect(measureCoverage(Float64Array.of(3), endless, 0.9)).toMatchObject({ covered: 1, meanWidth: Infinity });
});

test('unequal lengths are refused', () => {
  expect(() => measureCoverage(Float64Array.of(1), intervals, 0.9)).toThrow('must be 1 each, got 4, 4 and 1');
});

test('no interval scores better than the one between the true quantiles', () => {
  const random = randomStream(1, 'interval score');
  const values = Float64Array.from({ length: 20_000 }, () => random.normal());
  const score = (low: number, high: number) => {
    const ends = { low: values.map(() => low), high: values.map(() => high) };
    return measureCoverage(values, ends, 0.8).intervalScore ?? Number.NaN;
  };
  const reach = normalQuantile(0.9);
  for (const change of [-0.3, 0.3]) {
    expect(score(-reach, reach)).toBeLessThan(score(-reach + change, reach));
    expect(score(-reach, reach)).toBeLessThan(score(-reach, reach + change));
  }
});

test('deciles are of equal size, and equal predictions in one', () => {
  const predicted = Float64Array.from({ length: 40 }, (_, i) => (i * 17) % 40);
  const deciles = findDeciles(predicted);
  for (let decile = 0; decile < 10; decile++) expect(deciles.filter((found) => found === decile)).toHaveLength(4);
  expect(deciles[0]).toBe(0);
  expect(new Set(findDeciles(new Float64Array(40).fill(7)))).toEqual(new Set([5]));
});

test('an artist is seen in whatever spelling, an artist that is not known never', () => {
  const tracks = makeNamedTracks([
    { artist: 'Björk' },
    { artist: '' },
    { artist: 'bjork feat. Arca' },
    { artist: 'Arca' },
    { artist: '' },
  ]);
  expect([...findSeenArtists(tracks, Uint32Array.of(0, 1), Uint32Array.of(2, 3, 4))]).toEqual([1, 0, 0]);
});
