import { readFileSync } from 'node:fs';
import { type RandomStream, randomStream } from '@hitscan/mamba';
import { describe, expect, test } from 'vitest';
import { expectFigures } from '../../testing/expectFigures.ts';
import { estimateFromResamples, estimateWithin, resampleSums, shareBetter } from './bootstrap.ts';
import { type ComparedMetric, comparedMetrics } from './comparedMetrics.ts';
import { compareModels } from './comparison.ts';
import type { DifferenceEstimate } from './estimates.ts';
import { estimateFigures } from './resampledFigures.ts';

type GoldenCase = DifferenceEstimate & { readonly values: number[]; readonly clusters: number };

/** By NumPy and SciPy: scripts/golden/metricsComparison.py. */
const golden: { resamples: readonly GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/metricsComparison.json', import.meta.url), 'utf8'),
);

test.each(golden.resamples)('golden: intervals of $clusters clusters', ({ values, clusters, ...expected }) => {
  expectFigures(estimateFromResamples(expected.value, Float64Array.from(values), clusters), expected);
});

test('one cluster has no interval', () => {
  expect(estimateFromResamples(1, Float64Array.of(1, 1), 1)).toBeNull();
});

describe('intervals stay where figures can lie', () => {
  const within = (metric: ComparedMetric, value: number, resampled: readonly number[], clusters: number, rows = 1000) =>
    estimateWithin(comparedMetrics[metric].range, value, Float64Array.from(resampled), { clusters, rows });
  // Student's 97.5 % quantiles on 1 and on 99 degrees.
  const [widest, usual] = [12.706204736, 1.984216952];

  test('by hand, on the scale of the logarithm', () => {
    // Logarithms 0 and 2 have a deviation of √2, and two clusters make it √2 times that.
    const ends = (found: ReturnType<typeof within>) => [found?.low, found?.high].map((end) => Math.log(end as number));
    const [low, high] = ends(within('mse', Math.E, [1, Math.exp(2)], 2));
    expect(low).toBeCloseTo(1 - 2 * widest, 6);
    expect(high).toBeCloseTo(1 + 2 * widest, 6);
    const root = ends(within('rmse', Math.exp(0.5), [1, Math.E], 2));
    expect(root[0]).toBeCloseTo(low / 2, 6);
    expect(root[1]).toBeCloseTo(high / 2, 6);
    // R² is 1 less a ratio, so the ends change places.
    const r2 = within('r2', 1 - Math.E, [0, 1 - Math.exp(2)], 2);
    expect(1 - (r2?.high as number)).toBeCloseTo(Math.exp(low), 12);
    expect((1 - (r2?.low as number)) / Math.exp(high)).toBeCloseTo(1, 6);
  });

  test('by hand, for shares', () => {
    // Nothing in 100 clusters: t² over t² and 100.
    const none = within('within5', 0, [0, 0], 100);
    expect(none?.low).toBe(0);
    expect(none?.high).toBeCloseTo(usual ** 2 / (usual ** 2 + 100), 8);
    expect(within('within5', 1, [1, 1], 100)?.high).toBe(1);
    // Half, without an error, is worth no more than all 300 rows.
    const half = usual / Math.sqrt(300) / 2 / Math.sqrt(1 + usual ** 2 / 300);
    expect(within('within5', 0.5, [0.5, 0.5], 100, 300)?.high).toBeCloseTo(0.5 + half, 8);
  });

  test('no error in any resample is certainty; in some, as little as in the best of the others', () => {
    expect(within('mse', 0, [0, 0, 0], 3)).toMatchObject({ low: 0, high: 0 });
    expect(within('r2', 1, [1, 1], 3)).toMatchObject({ low: 1, high: 1 });
    expect(within('mse', 2, [0, 1, 4, 4], 3)?.low).toBe(within('mse', 2, [1, 1, 4, 4], 3)?.low);
  });
});

test('resamples draw each cluster once on average, and as a whole', () => {
  // One column counts clusters, the other gives each a bit of its own weight.
  const table = Float64Array.of(1, 1, 1, 10, 1, 100, 1, 1000);
  const sums = resampleSums(table, 2, { resamples: 20_000, seed: 3 });
  const times = [0, 0, 0, 0];
  for (let i = 0; i < sums.length; i += 2) {
    expect(sums[i]).toBe(4);
    [...String(sums[i + 1]).padStart(4, '0')].forEach((digit, place) => {
      times[3 - place] += Number(digit);
    });
  }
  // Variance 3/4 a resample: four standard errors of the mean.
  for (const time of times) expect(Math.abs(time / 20_000 - 1)).toBeLessThan(4 * Math.sqrt(0.75 / 20_000));
});

test('equal values count half', () => {
  expect(shareBetter(Float64Array.of(-1, 0, 2, 3), 'lower')).toBe(0.375);
  expect(shareBetter(Float64Array.of(-1, 0, 2, 3), 'higher')).toBe(0.625);
});

interface Made {
  readonly clusters: Uint32Array;
  readonly actual: Float64Array;
  readonly predicted: readonly Float64Array[];
}

/**
 * Songs of artists with 1 to 12 songs each, and models with errors that artists share: half of the variance is between
 * artists. Each model's mean squared error is 2·scale² on average.
 */
function makeErrors(random: RandomStream, artists: number, scales: readonly number[]): Made {
  const clusters: number[] = [];
  const actual: number[] = [];
  const predicted = scales.map((): number[] => []);
  for (let artist = 0; artist < artists; artist++) {
    const shared = scales.map((scale) => scale * random.normal());
    for (let songs = 1 + random.below(12); songs > 0; songs--) {
      clusters.push(artist);
      actual.push(50);
      for (const [m, scale] of scales.entries()) predicted[m].push(50 + shared[m] + scale * random.normal());
    }
  }
  return {
    clusters: Uint32Array.from(clusters),
    actual: Float64Array.from(actual),
    predicted: predicted.map((values) => Float64Array.from(values)),
  };
}

function compareMade({ clusters, actual, predicted }: Made, folds: number, resamples = 500) {
  const models = predicted.map((values, m) => ({
    name: `m${m}`,
    folds: Array.from({ length: folds }, (_, fold) => {
      // Artists are dealt to folds whole.
      const rows = Uint32Array.from(actual.keys()).filter((row) => clusters[row] % folds === fold);
      const trainCount = folds === 1 ? 4 * rows.length : actual.length - rows.length;
      const take = (from: Float64Array) => Float64Array.from(rows, (row) => from[row]);
      return { repeat: 0, fold, rows, trainCount, actual: take(actual), predicted: take(values) };
    }),
  }));
  return compareModels(models, { metrics: ['mse'], clusters, seed: 7, resamples });
}

describe('simulated songs of artists', () => {
  test('the standard error is the cluster-robust one', () => {
    const made = makeErrors(randomStream(1, 'standard error'), 300, [10, 12]);
    const [{ bootstrap, difference }] = compareMade(made, 1, 2000);
    const [b, a] = made.predicted;
    const differences = made.actual.map((value, row) => (a[row] - value) ** 2 - (b[row] - value) ** 2);
    const residuals = new Float64Array(300);
    differences.forEach((value, row) => {
      residuals[made.clusters[row]] += value - (difference as number);
    });
    const robust = Math.hypot(...residuals) / differences.length;
    // 2,000 resamples know their spread to 1.6 %; the ratio of two sums is not quite linear.
    expect((bootstrap?.standardError as number) / robust).toBeGreaterThan(0.94);
    expect((bootstrap?.standardError as number) / robust).toBeLessThan(1.06);
    // Songs taken as independent would seem to say much more.
    const alone = { ...made, clusters: Uint32Array.from(made.clusters.keys()) };
    expect(compareMade(alone, 1, 2000)[0].bootstrap?.standardError).toBeLessThan(0.8 * robust);
  });

  test.each([30, 80])('the interval of %i artists holds the true difference 92 to 98 times in 100', (artists) => {
    const random = randomStream(artists, 'coverage');
    let held = 0;
    for (let i = 0; i < 300; i++) {
      const [{ low, high }] = compareMade(makeErrors(random, artists, [10, 12]), 1);
      if ((low as number) <= 88 && (high as number) >= 88) held++;
    }
    expect(held / 300).toBeGreaterThanOrEqual(0.92);
    expect(held / 300).toBeLessThanOrEqual(0.98);
  });

  // Normal errors: the truth is above the interval more often than below, as the square of a large error is rarely drawn.
  test.each([
    { artists: 30, lone: false, atLeast: 87 },
    { artists: 80, lone: false, atLeast: 90 },
    { artists: 4, lone: true, atLeast: 90 },
    { artists: 30, lone: true, atLeast: 90 },
  ])('$artists artists, songs alone: $lone, hold the true error $atLeast times in 100 or more', (made) => {
    const random = randomStream(made.artists, `coverage of a figure, ${made.lone}`);
    let held = 0;
    for (let i = 0; i < 300; i++) {
      const { clusters, actual, predicted } = makeErrors(random, made.artists, [10]);
      // The first song of each artist alone.
      const rows = Uint32Array.from(clusters.keys()).filter((row) => !made.lone || clusters[row] !== clusters[row - 1]);
      const take = (from: Float64Array) => Float64Array.from(rows, (row) => from[row]);
      const fold = { repeat: 0, fold: 0, rows, trainCount: 1000, actual: take(actual), predicted: take(predicted[0]) };
      const options = { metrics: ['mse', 'rmse'], clusters, seed: 7, resamples: 300 } as const;
      const [{ mse, rmse }] = estimateFigures([{ name: 'm', folds: [fold] }], options);
      if (!mse || !rmse) throw new Error('must have intervals');
      expect(mse.low).toBeGreaterThan(0);
      expect(rmse.high ** 2 / mse.high).toBeCloseTo(1, 9);
      if (mse.low <= 200 && mse.high >= 200) held++;
    }
    expect(held / 3).toBeGreaterThanOrEqual(made.atLeast);
    // All of them would be too wide.
    expect(held / 3).toBeLessThan(99);
  });

  // In each family of comparisons: of bootstrap alone, and of several pairs, the rate is 5 in 100 itself: 7 is two standard errors of 300 trials above. Folds
  // have to agree with it, so that the rate is below.
  test.each([
    { folds: 1, models: 2, atMost: 7 },
    { folds: 1, models: 5, atMost: 7 },
    { folds: 5, models: 2, atMost: 5 },
  ])('$models equal models, $folds folds: differ by chance at most $atMost times in 100', (made) => {
    const random = randomStream(made.folds, `equal models ${made.models}`);
    const shown = { primary: 0, secondary: 0, exploratory: 0 };
    for (let i = 0; i < 300; i++) {
      const found = compareMade(makeErrors(random, 60, new Array<number>(made.models).fill(10)), made.folds);
      for (const family of ['primary', 'secondary', 'exploratory'] as const) {
        const told = found.some((pair) => pair.family === family && pair.verdict !== 'no difference shown');
        if (told) shown[family]++;
      }
    }
    expect(Math.max(...Object.values(shown)) / 3).toBeLessThanOrEqual(made.atMost);
  });

  test.each([1, 5])('a model with half the error is shown to be better, %i folds', (folds) => {
    const random = randomStream(folds, 'power');
    for (let i = 0; i < 10; i++) {
      expect(compareMade(makeErrors(random, 200, [14, 10]), folds)[0].verdict).toBe('better');
    }
  });
});
