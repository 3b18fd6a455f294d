import { randomStream } from '@hitscan/mamba';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workAtOnce } from '../yieldToEvents.ts';
import { createValueCounts } from './valueCounts.ts';

function summarise(values: Iterable<number>) {
  const counts = createValueCounts();
  for (const value of values) counts.add(value);
  return workAtOnce(counts.summarise());
}

/** By definition: of the sorted values. */
function define(values: readonly number[]) {
  const sorted = Float64Array.from(values).sort();
  const { length } = sorted;
  if (length === 0) return null;
  return {
    minimum: sorted[0],
    median: (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2,
    maximum: sorted[length - 1],
  };
}

describe('createValueCounts', () => {
  test('finds the extremes and the median of any values', () => {
    const few = fc.array(fc.constantFrom(0, 1, -1, 0.5, 1e300, -2.5e-7), { maxLength: 40 });
    const many = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { maxLength: 40 });
    fc.assert(
      // 0 and −0 are one value.
      fc.property(fc.oneof(few, many), (values) => {
        expect(summarise(values)).toEqual(define(values.map((v) => v + 0)));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test('takes −0 for 0', () => {
    expect(summarise([-0, -0])).toEqual({ minimum: 0, median: 0, maximum: 0 });
  });

  test.each([
    ['that differ', 400_000, (random: () => number) => random()],
    ['that differ, an odd number of them', 400_001, (random: () => number) => random()],
    ['that repeat', 400_000, (random: () => number) => Math.round(1000 * random())],
    ['of which some repeat', 400_000, (random: () => number) => (random() < 0.25 ? 0.5 : random())],
  ])('finds them among many values %s', (_, count, draw) => {
    const random = randomStream(1, 'values');
    const values = Array.from({ length: count }, () => draw(() => random.uniform()));
    expect(summarise(values)).toEqual(define(values));
  });
});
