import { expect, test } from 'vitest';
import { linearRegressor } from '../models/linear.ts';
import { openParts } from '../parts.ts';
import { splitTracks } from '../tracks/split.ts';
import { generateTwin } from '../tracks/twin.ts';
import { measureLearning } from './learning.ts';

const linear = linearRegressor([]);

/** Learning curves of linear regression on songs of the twin, of which so many next to each other are one artist's. */
async function learn(rows: number, songsOfArtist: number) {
  const tracks = generateTwin({ rows });
  const split = splitTracks(tracks, { kind: 'random', seed: 1 });
  return measureLearning(tracks, split, [linear], {
    seed: 1,
    clusters: Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / songsOfArtist)),
    threads: 1,
    signal: new AbortController().signal,
    parts: openParts(),
    whole: new Map(),
  });
}

test('each part of the songs has its error within an interval above 0', async () => {
  const [{ name, points }] = await learn(400, 1);
  expect(name).toBe('linear');
  expect(points.length).toBeGreaterThan(1);
  for (const { error, low, high } of points) {
    expect(low).toBeGreaterThan(0);
    expect(error).toBeGreaterThan(low as number);
    expect(high).toBeGreaterThan(error);
  }
});

test('test songs of too few artists have errors without intervals', async () => {
  const [{ points }] = await learn(400, 20);
  expect(points.length).toBeGreaterThan(1);
  for (const { error, low, high } of points) {
    expect(error).toBeGreaterThan(0);
    expect([low, high]).toEqual([null, null]);
  }
});
