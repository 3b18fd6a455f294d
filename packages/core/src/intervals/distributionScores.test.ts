import { readFileSync } from 'node:fs';
import { randomStream } from '@hitscan/mamba';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../statistics/normal.ts';
import { countTransforms, measureRankedProbability, scoreGaussians, scoreQuantiles } from './distributionScores.ts';
import { takeCentralInterval } from './intervals.ts';

type Arrays = Record<'actual' | 'mean' | 'deviation' | 'quantiles' | 'gaussianScores' | 'quantileScores', number[]>;

const golden: {
  coverages: number[];
  distributions: Arrays & { levels: number[]; transforms: number[]; bands: [low: number[], high: number[]][] };
} = JSON.parse(readFileSync(new URL('golden/intervals.json', import.meta.url), 'utf8'));

const { distributions } = golden;
const [actual, mean, deviation, quantiles] = (['actual', 'mean', 'deviation', 'quantiles'] as const).map((key) =>
  Float64Array.from(distributions[key]),
);
const gaussian = { kind: 'gaussian', mean, deviation } as const;

function expectNear(found: Float64Array, expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]), `row ${i}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i])),
    );
  });
}

describe('golden', () => {
  test("a Gaussian's score is the integral", () => {
    // The quadrature's own tolerance is 1e-12, on either side of the value.
    expectNear(scoreGaussians(actual, mean, deviation), distributions.gaussianScores, 1e-9);
  });

  test("quantiles' score is the sum of pinball losses", () => {
    expectNear(scoreQuantiles(actual, distributions.levels, quantiles), distributions.quantileScores, 1e-12);
  });

  test('transforms', () => {
    const found = countTransforms(actual, gaussian, 10);
    expectNear(
      Float64Array.from(found, ({ share }) => share),
      distributions.transforms,
      1e-12,
    );
  });

  test('central bands of a Gaussian', () => {
    distributions.bands.forEach(([low, high], c) => {
      const band = takeCentralInterval(gaussian, golden.coverages[c]);
      // The normal quantile is good to 1.2e-9 of itself, which deviations below 21 multiply.
      expectNear(band.low, low, 1e-7);
      expectNear(band.high, high, 1e-7);
    });
  });
});

const value = fc.double({ min: -200, max: 200, noNaN: true });

test('a Gaussian without spread scores its absolute error; all scores are positive and grow with the error', () => {
  fc.assert(
    fc.property(value, value, fc.double({ min: 0.01, max: 50, noNaN: true }), (x, center, sigma) => {
      const score = (at: number, spread: number) =>
        scoreGaussians(Float64Array.of(at), Float64Array.of(center), Float64Array.of(spread))[0];
      expect(Math.abs(score(x, 1e-9) - Math.abs(x - center))).toBeLessThan(1e-8);
      expect(score(x, sigma)).toBeGreaterThan(0);
      const further = x + Math.sign(x - center || 1) * sigma;
      expect(score(further, sigma)).toBeGreaterThan(score(x, sigma));
    }),
  );
});

test('many quantiles score as the Gaussian that they are of', () => {
  const levels = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
  const values = Float64Array.from(
    { length: actual.length * 999 },
    (_, i) => mean[Math.floor(i / 999)] + deviation[Math.floor(i / 999)] * normalQuantile(levels[i % 999]),
  );
  const ratio =
    measureRankedProbability(actual, { kind: 'quantiles', levels, values }) /
    measureRankedProbability(actual, gaussian);
  // Far out in a tail, the trapezia lack more than on average.
  expect(Math.abs(ratio - 1)).toBeLessThan(2e-3);
});

describe('transforms', () => {
  const rows = 20_000;
  const random = randomStream(3, 'transforms');
  const values = Float64Array.from({ length: rows }, () => 50 + 10 * random.normal());
  const center = new Float64Array(rows).fill(50);
  const shares = (spread: number) =>
    countTransforms(values, { kind: 'gaussian', mean: center, deviation: center.map(() => spread) }, 10).map(
      ({ share }) => share,
    );

  test('are even where the distribution is right, and show one too narrow or too wide', () => {
    // Five deviations of a tenth of 20,000 rows.
    for (const share of shares(10)) expect(Math.abs(share - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / rows));
    expect(Math.min(shares(5)[0], shares(5)[9])).toBeGreaterThan(0.2);
    expect(Math.max(shares(20)[0], shares(20)[9])).toBeLessThan(0.03);
  });

  test('of quantiles have a bin between every two levels', () => {
    const levels = [0.05, 0.5, 0.8];
    const row = levels.map((level) => 50 + 10 * normalQuantile(level));
    const quantileValues = Float64Array.from({ length: 3 * rows }, (_, i) => row[i % 3]);
    const found = countTransforms(values, { kind: 'quantiles', levels, values: quantileValues });
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.05],
      [0.05, 0.5],
      [0.5, 0.8],
      [0.8, 1],
    ]);
    for (const { from, to, share } of found)
      expect(Math.abs(share - (to - from))).toBeLessThan(5 * Math.sqrt(0.25 / rows));
  });

  test('count every row once, the ends of the distribution included', () => {
    const ends = Float64Array.of(-1e9, 50, 1e9);
    const narrow = { kind: 'gaussian', mean: ends.map(() => 50), deviation: ends.map(() => 1) } as const;
    expect(countTransforms(ends, narrow, 2).map(({ share }) => share)).toEqual([1 / 3, 2 / 3]);
  });
});

test.each([0, 5e-324, 1e-300, 1e-12])(
  'a Gaussian of deviation %d is scored as its mean, and holds it in its middle',
  (sigma) => {
    const actual = Float64Array.of(0, 50, 100);
    const mean = Float64Array.of(50, 50, 50);
    const deviation = new Float64Array(3).fill(sigma);
    // A quarter of the largest deviation is what a value in the middle costs.
    for (const [i, score] of scoreGaussians(actual, mean, deviation).entries())
      expect(score).toBeCloseTo([50, 0, 50][i], 11);
    const bins = countTransforms(actual, { kind: 'gaussian', mean, deviation }, 4);
    expect(bins.map(({ share }) => 3 * share)).toEqual([1, 0, 1, 1]);
  },
);

test('what cannot be scored is refused', () => {
  const one = Float64Array.of(1);
  expect(() => scoreGaussians(one, one, Float64Array.of(-1))).toThrow('deviation[0] must not be below 0, got -1');
  expect(() => scoreGaussians(one, one, Float64Array.of(Infinity))).toThrow('must be finite');
  expect(() => scoreQuantiles(one, [0.1, 0.9], one)).toThrow(
    'quantiles must be 2 for each of at least one row, got 1 for 1',
  );
  expect(() => countTransforms(new Float64Array(0), gaussian)).toThrow('needs at least one row, got 0');
});
