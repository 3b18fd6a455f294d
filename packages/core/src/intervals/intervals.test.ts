import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipIntervals, takeCentralInterval } from './intervals.ts';

const levels = [0.05, 0.25, 0.5, 0.75, 0.95];
const distribution = { kind: 'quantiles', levels, values: Float64Array.of(10, 20, 30, 50, 80, 0, 0, 1, 2, 4) } as const;

test('known levels are taken as they are, others from the line between their neighbours', () => {
  expect(takeCentralInterval(distribution, 0.5)).toEqual({ low: Float64Array.of(20, 0), high: Float64Array.of(50, 2) });
  expect(takeCentralInterval(distribution, 0.9)).toEqual({ low: Float64Array.of(10, 0), high: Float64Array.of(80, 4) });
  const { low, high } = takeCentralInterval(distribution, 0.7);
  expect(low[0]).toBeCloseTo(15, 9);
  expect(high[0]).toBeCloseTo(65, 9);
});

test('beyond the outermost levels nothing is made up', () => {
  expect(takeCentralInterval(distribution, 0.99)).toEqual(takeCentralInterval(distribution, 0.9));
});

test('a wider share holds the narrower one', () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  const gaussian = { kind: 'gaussian', mean: Float64Array.of(50, 3), deviation: Float64Array.of(5, 0.1) } as const;
  fc.assert(
    fc.property(share, share, fc.constantFrom(distribution, gaussian), (a, b, said) => {
      const inner = takeCentralInterval(said, Math.min(a, b));
      const outer = takeCentralInterval(said, Math.max(a, b));
      for (let i = 0; i < 2; i++) {
        // Interpolation rounds.
        expect(outer.low[i]).toBeLessThanOrEqual(inner.low[i] + 1e-9);
        expect(outer.high[i]).toBeGreaterThanOrEqual(inner.high[i] - 1e-9);
      }
    }),
  );
});

test('ends stay within 0 and 100, and in order', () => {
  const low = Float64Array.of(-5, 60, 101, 70, Number.NEGATIVE_INFINITY);
  const high = Float64Array.of(105, 50, 120, 80, Infinity);
  expect(clipIntervals({ low, high })).toEqual({
    low: Float64Array.of(0, 55, 100, 70, 0),
    high: Float64Array.of(100, 55, 100, 80, 100),
  });
});

test('all or nothing cannot be asked for', () => {
  for (const coverage of [0, 1, Number.NaN])
    expect(() => takeCentralInterval(distribution, coverage)).toThrow('coverage must');
});
