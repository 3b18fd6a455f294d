import { describe, expect, test } from 'vitest';
import { calibratedCoverages } from './conformal.ts';
import { estimateShare } from './coverage.ts';
import type { IntervalForecast } from './intervalForecast.ts';
import { measureIntervals } from './measureIntervals.ts';
import { poolIntervals } from './poolIntervals.ts';

/** Rows whose intervals grow with the share promised, about predictions that are off by up to `error`. */
function makeForecast(rows: number, error: number, seen: 0 | 1): Omit<IntervalForecast, 'calibration'> {
  const predicted = Float64Array.from({ length: rows }, (_, i) => i);
  const intervals = calibratedCoverages.map((coverage) => ({
    low: predicted.map((value) => value - 10 * coverage),
    high: predicted.map((value) => value + 10 * coverage),
  }));
  return {
    actual: predicted.map((value, i) => value + (error * (i + 0.5)) / rows),
    seen: new Uint8Array(rows).fill(seen),
    forecast: {
      predicted,
      distribution: { kind: 'gaussian', mean: predicted, deviation: new Float64Array(rows).fill(5) },
    },
    deviation: 5,
    methods: [{ method: 'crossPlus', intervals }],
  };
}

const parts = [makeForecast(100, 10, 1), makeForecast(50, 20, 0)].map(measureIntervals);

describe('figures of intervals, pooled', () => {
  const [{ reported, reliability }] = poolIntervals(parts, 1).methods;
  const half = reported[0];

  test('are those of all rows, each counted once', () => {
    // Of the first part those off by at most 5 of 10; of the second by at most 5 of 20, one by just that.
    expect(half).toMatchObject({ coverage: 0.5, rows: 150, covered: expect.closeTo((50 + 13) / 150, 12) });
    const { low, high } = estimateShare(63, 150);
    expect([half.coveredLow, half.coveredHigh]).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)]);
    expect(half.meanWidth).toBeCloseTo(10, 12);
    expect([half.seen.rows, half.unseen.rows]).toEqual([100, 50]);
    expect(half.seen.covered).toBeCloseTo(0.5, 12);
    expect(half.deciles.map(({ rows }) => rows)).toEqual(new Array(10).fill(15));
    expect(reliability.map(({ coverage }) => coverage)).toEqual(calibratedCoverages);
    const { rankedProbability, transforms } = poolIntervals(parts, 1);
    expect(rankedProbability.point).toBeCloseTo((100 * 5 + 50 * 10) / 150, 12);
    expect(transforms?.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test('of the same songs twice are those of the songs once', () => {
    const twice = poolIntervals([...parts, ...parts], 2);
    const once = poolIntervals(parts, 1);
    const round = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
    expect(JSON.stringify(twice, round)).toBe(JSON.stringify(once, round));
  });

  test('say nothing of a width without an end, before and after they were written down', () => {
    const [first, second] = parts;
    const endless = structuredClone(first);
    Object.assign(endless.methods[0].reported[0], { meanWidth: Number.POSITIVE_INFINITY });
    const written = JSON.parse(JSON.stringify(endless)) as typeof endless;
    for (const part of [endless, written]) {
      const pooled = poolIntervals([part, second], 1).methods[0].reported[0];
      expect(pooled).toMatchObject({ meanWidth: null, covered: half.covered });
    }
  });

  test('need parts of the same methods', () => {
    expect(() => poolIntervals([], 1)).toThrow('needs at least one part');
    const other = structuredClone(parts[0]);
    Object.assign(other.methods[0], { method: 'split' });
    expect(() => poolIntervals([parts[1], other], 1)).toThrow('methods must be crossPlus in all, got split');
  });
});
