import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learningRateFactor, type Schedule } from './schedule.ts';

const factors = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => learningRateFactor(schedule, i + 1, steps));

describe('learningRateFactor', () => {
  test('constant', () => {
    expect(factors({ kind: 'constant', warmup: 0 }, 4)).toEqual([1, 1, 1, 1]);
  });

  test('a warm-up rises in equal steps and never begins at 0', () => {
    expect(factors({ kind: 'constant', warmup: 0.5 }, 6)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  });

  test('a cosine begins at 1 and would reach 0 one step after the last', () => {
    const found = factors({ kind: 'cosine', warmup: 0 }, 4);
    expect(found[0]).toBe(1);
    // cos(π/2) is 6e-17 in float64.
    expect(found[2]).toBeCloseTo(0.5, 15);
    expect(found[3]).toBeCloseTo(0.5 * (1 - Math.SQRT1_2), 15);
    expect(learningRateFactor({ kind: 'cosine', warmup: 0 }, 5, 4)).toBe(0);
  });

  test('a cosine after a warm-up', () => {
    const found = factors({ kind: 'cosine', warmup: 0.2 }, 10);
    expect(found.slice(0, 3)).toEqual([1 / 3, 2 / 3, 1]);
    expect(found[9]).toBeGreaterThan(0);
    expect(found[9]).toBeLessThan(0.05);
  });

  test('for any length: within (0, 1], up through the warm-up and down after it', () => {
    const warmups = fc.double({ min: 0, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom('constant', 'cosine'),
        warmups,
        fc.integer({ min: 1, max: 300 }),
        (kind, warmup, n) => {
          const found = factors({ kind, warmup }, n);
          const peak = Math.round(warmup * n);
          found.forEach((factor, i) => {
            expect(factor).toBeGreaterThan(0);
            expect(factor).toBeLessThanOrEqual(1);
            if (i > 0 && i <= peak) expect(factor).toBeGreaterThan(found[i - 1]);
            if (i > peak) expect(factor).toBeLessThanOrEqual(found[i - 1]);
          });
        },
      ),
    );
  });
});
