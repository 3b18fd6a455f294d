import { randomStream } from '@hitscan/mamba';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ComparedMetric, comparedMetrics } from './comparedMetrics.ts';
import { compareModels } from './comparison.ts';
import { planComparisons } from './comparisonPlan.ts';
import { alpha, correctHolm, estimateByT, stepByHolm } from './estimates.ts';
import type { ModelPredictions } from './foldPredictions.ts';
import { estimateFigures } from './resampledFigures.ts';

const allMetrics: readonly ComparedMetric[] = ['mse', 'rmse', 'mae', 'r2', 'within5', 'within10'];

interface Contest {
  readonly models: readonly ModelPredictions[];
  readonly clusters: Uint32Array;
  readonly seed: number;
}

/** Models with errors of any size, alike within artists of any number, in one fold or several. */
const contests: fc.Arbitrary<Contest> = fc
  .record({
    seed: fc.nat(1e6),
    rows: fc.integer({ min: 1, max: 150 }),
    artists: fc.integer({ min: 1, max: 150 }),
    folds: fc.integer({ min: 1, max: 6 }),
    // Small steps, so that some differences lie near the line, and equal models are among them.
    scales: fc.array(
      fc.integer({ min: 0, max: 12 }).map((step) => step / 8),
      { minLength: 1, maxLength: 5 },
    ),
    whole: fc.boolean(),
  })
  .map(({ seed, rows, artists, folds: wanted, scales, whole }) => {
    const random = randomStream(seed, 'any contest');
    const folds = Math.min(wanted, rows);
    const actual = Float64Array.from({ length: rows }, () => random.below(101));
    const clusters = Uint32Array.from({ length: rows }, () => random.below(artists));
    const models = scales.map((scale, m): ModelPredictions => {
      const shared = Float64Array.from({ length: artists }, () => scale * random.normal());
      const predicted = actual.map((value, row) => {
        const off = 4 * (shared[clusters[row]] + scale * random.normal());
        return value + (whole ? Math.round(off) : off);
      });
      return {
        name: m === 0 ? 'linear' : `model ${m}`,
        folds: Array.from({ length: folds }, (_, fold) => {
          const held = Uint32Array.from(actual.keys()).filter((row) => row % folds === fold);
          const take = (from: Float64Array) => Float64Array.from(held, (row) => from[row]);
          const trainCount = folds === 1 ? 4 * rows : rows - held.length;
          return { repeat: 0, fold, rows: held, trainCount, actual: take(actual), predicted: take(predicted) };
        }),
      };
    });
    return { models, clusters, seed };
  });

const options = ({ clusters, seed }: Contest) => ({ metrics: allMetrics, clusters, seed, resamples: 60 });

describe('whatever is compared', () => {
  test('a word is said where, and only where, the interval beside it excludes 0', () => {
    const words = new Set<string>();
    fc.assert(
      fc.property(contests, (contest) => {
        const names = contest.models.map(({ name }) => name);
        const plan = planComparisons(names, { own: 'model 1' });
        for (const comparison of compareModels(contest.models, { ...options(contest), plan })) {
          const { metric, low, high, level, p, rawP, verdict, family, difference } = comparison;
          const excludes = low !== null && high !== null && (low > 0 || high < 0);
          expect(verdict !== 'no difference shown').toBe(excludes);
          words.add(`${family} ${verdict}`);
          if (low === null || high === null || difference === null || level === null) {
            expect([low, high, level, p, rawP]).toEqual([null, null, null, null, null]);
            continue;
          }
          expect(low).toBeLessThanOrEqual(difference);
          expect(high).toBeGreaterThanOrEqual(difference);
          if (excludes)
            expect(verdict).toBe(low > 0 === (comparedMetrics[metric].better === 'higher') ? 'better' : 'worse');
          // The corrected p says the same, but for a p on the line itself.
          if (Math.abs((p as number) - alpha) > 1e-9) expect((p as number) < alpha).toBe(excludes);
          if (family === 'primary') expect([level, p]).toEqual([0.95, rawP]);
          expect(level).toBeGreaterThanOrEqual(0.95);
        }
      }),
      // Always the same ones, among which are some for every word: contests of which none shows anything would prove nothing.
      { numRuns: 300, seed: 1 },
    );
    for (const family of ['primary', 'secondary', 'exploratory'])
      for (const word of ['better', 'worse', 'no difference shown']) expect(words).toContain(`${family} ${word}`);
  });

  test('intervals stay where figures can lie, and hold the figure', () => {
    fc.assert(
      fc.property(contests, (contest) => {
        for (const { mse, rmse, mae, r2, within5, within10 } of estimateFigures(contest.models, options(contest))) {
          for (const figure of [mse, rmse, mae, r2, within5, within10]) {
            if (!figure) continue;
            expect(figure.low).toBeLessThanOrEqual(figure.value);
            expect(figure.high).toBeGreaterThanOrEqual(figure.value);
            expect(Number.isFinite(figure.low) && Number.isFinite(figure.high)).toBe(true);
          }
          for (const figure of [mse, rmse, mae]) if (figure && figure.value > 0) expect(figure.low).toBeGreaterThan(0);
          if (r2) expect(r2.high).toBeLessThanOrEqual(1);
          for (const share of [within5, within10]) {
            if (!share) continue;
            expect(share.low).toBeGreaterThanOrEqual(0);
            expect(share.high).toBeLessThanOrEqual(1);
          }
          if (mse && rmse) {
            // Squares of roots are off in the last digit.
            expect(rmse.low / Math.sqrt(mse.low) || 1).toBeCloseTo(1, 9);
            expect(rmse.high / Math.sqrt(mse.high) || 1).toBeCloseTo(1, 9);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

test('stepping through intervals rejects what Holm rejects, at the level at which each is tested', () => {
  const hypotheses = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(hypotheses, (tenths) => {
      const at = (index: number, error: number) => estimateByT(tenths[index] / 10, 1, 25, error);
      const excludes = (index: number, error: number) => at(index, error).low > 0 || at(index, error).high < 0;
      const values = tenths.map((_, i) => at(i, alpha).p);
      const errors = stepByHolm(values, excludes);
      const corrected = correctHolm(values);
      errors.forEach((error, i) => {
        expect(excludes(i, error)).toBe(corrected[i] < alpha);
        expect(error).toBeLessThanOrEqual(alpha);
      });
      expect(Math.min(...errors)).toBe(alpha / tenths.length);
    }),
  );
  // By hand: 0.001 at a third of 0.05, 0.02 at half, 0.04 at all of it; and 0.03 stops at half, where 0.04 stays.
  const errorsOf = (values: number[]) => stepByHolm(values, (i, error) => values[i] < error);
  expect(errorsOf([0.04, 0.001, 0.02])).toEqual([alpha, alpha / 3, alpha / 2]);
  expect(errorsOf([0.04, 0.001, 0.03])).toEqual([alpha / 2, alpha / 3, alpha / 2]);
  expect(errorsOf([])).toEqual([]);
});

describe('what is named beforehand', () => {
  test('Mamba against linear regression is primary, all others against it secondary', () => {
    const names = ['mean', 'linear', 'forest', 'mamba-tokens'];
    expect(planComparisons(names)).toEqual({
      reference: 'linear',
      primary: ['mamba-tokens', 'linear'],
      secondary: [
        ['mean', 'linear'],
        ['forest', 'linear'],
      ],
    });
  });

  test('without linear regression, or without Mamba, nothing is primary', () => {
    expect(planComparisons(['mean', 'mamba-tokens'])).toEqual({
      reference: 'mean',
      primary: null,
      secondary: [['mamba-tokens', 'mean']],
    });
    expect(planComparisons(['linear', 'forest']).primary).toBeNull();
    expect(planComparisons(['linear', 'mamba-tokens'], { own: 'mamba-seed' }).primary).toBeNull();
    expect(planComparisons([])).toEqual({ reference: '', primary: null, secondary: [] });
  });

  test('another reference and further pairs are taken where both take part, and once', () => {
    const also = [
      ['mamba-tokens', 'mamba-untuned'],
      ['mamba-tokens', 'boosted'],
      ['forest', 'linear'],
    ] as const;
    const { secondary } = planComparisons(['linear', 'forest', 'mamba-untuned', 'mamba-tokens'], { also });
    expect(secondary).toEqual([
      ['forest', 'linear'],
      ['mamba-untuned', 'linear'],
      ['mamba-tokens', 'mamba-untuned'],
    ]);
    const other = planComparisons(['linear', 'mamba-tokens', 'variant'], { reference: 'mamba-tokens' });
    expect(other.primary).toBeNull();
    expect(other.secondary).toHaveLength(2);
  });
});
