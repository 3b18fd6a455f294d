import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectFigures } from '../../testing/expectFigures.ts';
import { measureRanking, type RankingMetrics } from './ranking.ts';

interface GoldenCase {
  readonly name: string;
  readonly actual: number[];
  readonly scores: number[];
  readonly cutoff: number;
  readonly expected: readonly RankingMetrics[];
}

/** What the real scikit-learn makes of ties, constants and rare hits: scripts/golden/metricsHits.py. */
const golden: { rankings: readonly GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/metricsHits.json', import.meta.url), 'utf8'),
);

test.each(golden.rankings)('golden: $name', ({ actual, scores, cutoff, expected }) => {
  const found = expected.map(({ k }) =>
    measureRanking(Float64Array.from(actual), Float64Array.from(scores), { cutoff, k }),
  );
  expectFigures(found, expected);
});

test('the best order has NDCG 1, the order of equal songs does not count', () => {
  const values = fc.float64Array({ minLength: 1, maxLength: 30, min: 0.5, max: 100, noNaN: true });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 30 }), (actual, k) => {
      const best = measureRanking(actual, actual, { cutoff: 50, k }).ndcg;
      if (k > actual.length) expect(best).toBeNull();
      else expect(best).toBe(1);
      const [one, other] = [actual, actual.toReversed()].map((order) =>
        measureRanking(order, new Float64Array(order.length), { cutoff: 50, k }),
      );
      // Up to 30 gains, added in another order.
      expectFigures(one, other);
    }),
  );
});

test('a list longer than the songs has no figures; bad input is refused', () => {
  const two = Float64Array.of(10, 90);
  expect(measureRanking(two, two, { cutoff: 60, k: 3 })).toEqual({ k: 3, precision: null, lift: null, ndcg: null });
  expect(() => measureRanking(two, two, { cutoff: 60, k: 0 })).toThrow('k must be a whole number of at least 1, got 0');
  expect(() => measureRanking(Float64Array.of(1, -2), two, { cutoff: 60, k: 1 })).toThrow(
    'actual[1] must not be negative',
  );
});
