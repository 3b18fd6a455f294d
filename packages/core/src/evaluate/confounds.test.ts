import { randomStream } from '@hitscan/mamba';
import { expect, test } from 'vitest';
import { featureNames } from '../tracks/schema.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { generateTwin } from '../tracks/twin.ts';
import { correlateWithEra, measureLabelNoise, measureRowOrder } from './confounds.ts';

const twin = generateTwin({ rows: 2000, seed: 5 });
const draw = randomStream(1, 'confounds');
const noise = Float64Array.from({ length: twin.count }, () => draw.normal());

const withPopularity = (values: Float64Array): Tracks => ({
  ...twin,
  popularity: { values, missing: new Uint8Array(twin.count) },
});

test('where the order says nothing, nothing is found', () => {
  const { autocorrelation, blocks, neighbours } = measureRowOrder(withPopularity(noise), 1);
  // 1/√2000 is 0.022; held-out means of noise explain less than nothing.
  expect(Math.abs(autocorrelation as number)).toBeLessThan(0.08);
  for (const { r2 } of blocks) expect(r2).toBeLessThan(0.02);
  expect(neighbours).toBeLessThan(-0.2);
});

test('where years follow each other and each is sorted, the leak grows with every finer look', () => {
  const perYear = 40;
  const values = noise.map((_, row) => 60 - Math.floor(row / perYear) / 10 - (20 * (row % perYear)) / perYear);
  const { autocorrelation, blocks, neighbours } = measureRowOrder(withPopularity(values), 1);
  expect(autocorrelation).toBeGreaterThan(0.7);
  const [ten, fifty, many] = blocks.map(({ r2 }) => r2 as number);
  expect(ten).toBeLessThan(0.1);
  expect(fifty).toBeLessThan(0.1);
  expect(many).toBeGreaterThan(0.8);
  expect(neighbours).toBeGreaterThan(0.8);
});

test('a popularity that does not vary has no order to leak', () => {
  const { autocorrelation, blocks, neighbours } = measureRowOrder(withPopularity(noise.map(() => 50)), 1);
  expect([autocorrelation, neighbours, ...blocks.map(({ r2 }) => r2)]).toEqual([null, null, null, null, null]);
});

test('a feature that only tells the era loses its correlation, and one that tells the song keeps it', () => {
  const era = noise.map((_, row) => -row / twin.count);
  const [own, other] = [0, 1].map(() => Float64Array.from({ length: twin.count }, () => draw.normal()));
  const features = { ...twin.features };
  const missing = new Uint8Array(twin.count);
  features.loudness = { values: era.map((value, i) => 10 * value + own[i]), missing };
  features.valence = { values: other, missing };
  features.mode = { values: era.map(() => 1), missing };
  const { releaseDate: _, ...undated } = twin;
  const values = era.map((value, i) => 10 * value + other[i] + noise[i]);
  const tracks: Tracks = { ...undated, features, popularity: { values, missing } };
  const { era: told, eraR2, features: found } = correlateWithEra(tracks);
  expect(told).toBe('row order');
  expect(found.map(({ feature }) => feature)).toEqual(featureNames);
  const of = (name: string) => found.find(({ feature }) => feature === name);
  expect(of('loudness')?.withPopularity).toBeGreaterThan(0.7);
  expect(of('loudness')?.withEra).toBeGreaterThan(0.9);
  expect(Math.abs(of('loudness')?.withPopularityGivenEra as number)).toBeLessThan(0.08);
  // Of what is left of popularity, half the variance is the feature.
  expect(of('valence')?.withPopularityGivenEra).toBeCloseTo(Math.SQRT1_2, 1);
  expect(of('mode')).toMatchObject({ withPopularity: null, withEra: null, withPopularityGivenEra: null });
  // Variances 100/12 of 100/12 + 2.
  expect(eraR2).toBeCloseTo(0.806, 1);
});

test('dates tell the era where there are enough', () => {
  const releaseDate = Array.from({ length: twin.count }, (_, row) => ['1999', '2004-05', '2010-12-31'][row % 3]);
  const values = Float64Array.from(releaseDate, (date) => Number(date.slice(0, 4)));
  const { era, eraR2 } = correlateWithEra({ ...withPopularity(values), releaseDate });
  expect(era).toBe('release date');
  expect(eraR2).toBeCloseTo(1, 9);
});

test('repeats that disagree bound what can be explained', () => {
  const tracks: Tracks = {
    ...twin,
    count: 6,
    trackId: ['a', 'a', 'b', 'b', 'c', 'd'],
    artist: twin.artist.slice(0, 6),
    title: ['1', '2', '3', '4', '5', '6'],
    popularity: { values: Float64Array.of(50, 54, 60, 60, 40, 80), missing: new Uint8Array(6) },
  };
  const { recordings, rows, variance, ceiling } = measureLabelNoise(tracks);
  expect({ recordings, rows, variance }).toEqual({ recordings: 2, rows: 4, variance: 4 });
  const all = [50, 54, 60, 60, 40, 80];
  const mean = all.reduce((sum, value) => sum + value, 0) / 6;
  const total = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6;
  expect(ceiling).toBeCloseTo(1 - 4 / total, 12);
  const unique = { ...tracks, trackId: ['a', 'b', 'c', 'd', 'e', 'f'] };
  expect(measureLabelNoise(unique)).toEqual({ recordings: 0, rows: 0, variance: null, ceiling: null });
});
