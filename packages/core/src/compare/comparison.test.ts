import { readFileSync } from 'node:fs';
import { randomStream } from '@hitscan/mamba';
import { describe, expect, test } from 'vitest';
import { expectFigures } from '../../testing/expectFigures.ts';
import { measure } from '../metrics/metrics.ts';
import type { ComparedMetric } from './comparedMetrics.ts';
import { compareModels, judge } from './comparison.ts';
import { correctedResampledT, correctHolm, type DifferenceEstimate } from './estimates.ts';
import type { ModelPredictions } from './foldPredictions.ts';
import { estimateFigures } from './resampledFigures.ts';

const allMetrics: readonly ComparedMetric[] = ['mse', 'rmse', 'mae', 'r2', 'within5', 'within10'];

interface Golden {
  readonly folds: {
    readonly actual: readonly number[];
    /** Each (repeats, rows). */
    readonly models: Readonly<Record<string, readonly (readonly number[])[]>>;
    readonly folds: readonly { readonly repeat: number; readonly fold: number; readonly rows: readonly number[] }[];
    readonly expected: Readonly<
      Record<ComparedMetric, { readonly difference: number; readonly resampledT: DifferenceEstimate }>
    >;
  };
  readonly holm: readonly { readonly p: number[]; readonly corrected: readonly number[] }[];
}

/** scikit-learn's figures by fold, SciPy's t and statsmodels' Holm: scripts/golden/metricsComparison.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('golden/metricsComparison.json', import.meta.url), 'utf8'));

/** For tests: rows 0, 1, … cut in turn into folds; no row is held out twice. */
function cutModel(name: string, actual: Float64Array, predicted: Float64Array, count = 1): ModelPredictions {
  const rows = Uint32Array.from(actual.keys());
  const folds = Array.from({ length: count }, (_, fold) => {
    const held = rows.filter((row) => row % count === fold);
    return {
      repeat: 0,
      fold,
      rows: held,
      trainCount: count === 1 ? 4 * rows.length : rows.length - held.length,
      actual: Float64Array.from(held, (row) => actual[row]),
      predicted: Float64Array.from(held, (row) => predicted[row]),
    };
  });
  return { name, folds };
}

const everyRowAlone = Uint32Array.from({ length: 1000 }, (_, row) => row);

test('golden: repeated folds give the corrected t of NumPy and SciPy', () => {
  const { actual, folds, models, expected } = golden.folds;
  const compared = Object.entries(models).map(
    ([name, repeats]): ModelPredictions => ({
      name,
      folds: folds.map(({ repeat, fold, rows }) => ({
        repeat,
        fold,
        rows: Uint32Array.from(rows),
        trainCount: actual.length - rows.length,
        actual: Float64Array.from(rows, (row) => actual[row]),
        predicted: Float64Array.from(rows, (row) => repeats[repeat][row]),
      })),
    }),
  );
  const found = compareModels(compared, { metrics: allMetrics, clusters: everyRowAlone, seed: 1 });
  expect(found.map(({ a, b }) => [a, b])).toEqual(allMetrics.map(() => ['second', 'first']));
  const figures = found.map(({ metric, difference, resampledT }) => [metric, { difference, resampledT }]);
  expectFigures(Object.fromEntries(figures), expected);
});

test.each(golden.holm)('golden: Holm corrects $p as statsmodels does', ({ p, corrected }) => {
  expectFigures(correctHolm(p), corrected);
});

describe('what is reported', () => {
  const random = randomStream(1, 'made predictions');
  const actual = Float64Array.from({ length: 240 }, () => random.below(101));
  const around = (noise: number) => actual.map((value) => 50 + 0.95 * (value - 50) + noise * random.normal());
  const models = [around(12), around(11), around(3)].map((predicted, i) => cutModel(`m${i}`, actual, predicted, 4));
  const clusters = Uint32Array.from(actual.keys(), (row) => row % 60);
  const found = compareModels(models, { metrics: allMetrics, clusters, seed: 1 });

  test('figures are those of measure', () => {
    const whole = models.map(({ folds }) =>
      measure(
        Float64Array.from(folds.flatMap((fold) => [...fold.actual])),
        Float64Array.from(folds.flatMap((fold) => [...fold.predicted])),
      ),
    );
    estimateFigures(models, { metrics: allMetrics, clusters, seed: 1 }).forEach((figures, i) => {
      for (const metric of allMetrics) expectFigures(figures[metric]?.value, whole[i][metric]);
    });
  });

  test('the interval reaches as far as that of either method, p is the larger, corrected for its family', () => {
    expect(found).toHaveLength(18);
    for (const metric of allMetrics) {
      const three = found.filter((comparison) => comparison.metric === metric);
      for (const { low, high, rawP, resampledT, bootstrap } of three) {
        expect(low).toBe(Math.min(resampledT?.low as number, bootstrap?.low as number));
        expect(high).toBe(Math.max(resampledT?.high as number, bootstrap?.high as number));
        expect(rawP).toBe(Math.max(resampledT?.p as number, bootstrap?.p as number));
      }
      // The first model is the reference of the two others.
      expect(three.map(({ family }) => family)).toEqual(['secondary', 'secondary', 'exploratory']);
      const two = three.slice(0, 2);
      expect(two.map(({ p }) => p)).toEqual(correctHolm(two.map(({ rawP }) => rawP as number)));
      expect(three[2].p).toBe(three[2].rawP);
      // The second is shown at the level of two; that leaves one.
      expect(three.map(({ level }) => level)).toEqual([0.95, 0.975, 0.95]);
    }
  });

  test('a model with less noise is better by every figure; the same numbers the other way round are worse', () => {
    const words = (list: typeof found) => new Set(list.map(({ a, b, verdict }) => `${a} ${verdict}, ${b}`));
    expect(words(found)).toEqual(new Set(['m1 no difference shown, m0', 'm2 better, m0', 'm2 better, m1']));
    const turned = compareModels(models.toReversed(), { metrics: allMetrics, clusters, seed: 1 });
    expect(words(turned)).toEqual(new Set(['m1 worse, m2', 'm0 worse, m2', 'm0 no difference shown, m1']));
  });

  test('the same seed gives the same bytes, and another model beside changes no interval', () => {
    const options = { metrics: ['mse', 'r2'], clusters, seed: 1 } as const;
    const again = compareModels(models, options);
    expect(again).toEqual(found.filter(({ metric }) => metric === 'mse' || metric === 'r2'));
    const [pair] = compareModels(models.slice(0, 2), options);
    expect(pair.bootstrap).toEqual(again[0].bootstrap);
    expect(pair.p).toBe(pair.rawP);
    expect(compareModels(models, { ...options, seed: 2 })[0].bootstrap).not.toEqual(again[0].bootstrap);
  });
});

test('superiority by hand: nearer in two rows of four, once as near', () => {
  const actual = Float64Array.of(10, 20, 30, 40);
  const models = [
    cutModel('b', actual, Float64Array.of(12, 18, 33, 41)),
    cutModel('a', actual, Float64Array.of(11, 21, 27, 45)),
  ];
  const [{ superiority, difference, resampledT }] = compareModels(models, {
    metrics: ['mae'],
    clusters: everyRowAlone,
    seed: 1,
  });
  expect(superiority.rows).toBe((1 + 1 + 0.5 + 0) / 4);
  // Absolute errors 1, 1, 3, 5 against 2, 2, 3, 1.
  expect(difference).toBe(0.5);
  expect(resampledT).toBeNull();
});

test('models that are equal but for rounding show no difference', () => {
  const random = randomStream(2, 'made predictions');
  const actual = Float64Array.from({ length: 100 }, () => random.below(101));
  const predicted = actual.map((value) => value + 10 * random.normal());
  // Errors larger by 1e-13 in all rows: a difference without spread.
  const same = predicted.map((value, row) => value + (value - actual[row]) * 1e-13);
  const models = [cutModel('one', actual, predicted, 5), cutModel('other', actual, same, 5)];
  for (const comparison of compareModels(models, { metrics: allMetrics, clusters: everyRowAlone, seed: 1 })) {
    expect(comparison).toMatchObject({
      difference: 0,
      low: 0,
      high: 0,
      p: 1,
      verdict: 'no difference shown',
      superiority: { resamples: 0.5, rows: 0.5 },
    });
  }
});

test('what cannot be known is null: few artists, few rows, R² of constants', () => {
  const actual = Float64Array.from({ length: 60 }, (_, row) => 10 * (row % 7));
  const pair = (count: number, values = actual) => [
    cutModel(
      'a',
      values,
      values.map((value) => value + 1),
      count,
    ),
    cutModel(
      'b',
      values,
      values.map((value, i) => value + i / 10),
      count,
    ),
  ];
  const unknown = { low: null, high: null, level: null, p: null, rawP: null, bootstrap: null, resampledT: null };
  const nothing = { ...unknown, verdict: 'no difference shown', difference: expect.any(Number) };
  const compare = (models: ModelPredictions[], metric: ComparedMetric, clusters = everyRowAlone) =>
    compareModels(models, { metrics: [metric], clusters, seed: 1 });
  const artists = (count: number) => Uint32Array.from(actual, (_, row) => row % count);
  const oneArtist = compare(pair(3), 'mse', artists(1));
  expect(oneArtist).toMatchObject([nothing]);
  expect(oneArtist[0].superiority.resamples).toBeNull();
  expect(compare(pair(3), 'mse', artists(29))).toMatchObject([nothing]);
  expect(compare(pair(3), 'mse', artists(30))).toMatchObject([{ low: expect.any(Number), level: 0.95 }]);
  expect(compare(pair(1, actual.subarray(0, 29)), 'mse')).toMatchObject([nothing]);
  expect(compare(pair(1, actual.subarray(0, 30)), 'mse')).toMatchObject([{ low: expect.any(Number) }]);
  const constant = compare(pair(2, new Float64Array(60).fill(7)), 'r2');
  expect(constant).toMatchObject([{ ...unknown, difference: null }]);
  // R² of one row is undefined, so that no fold has one; over all rows there is one.
  expect(compare(pair(60), 'r2')).toMatchObject([{ ...nothing, bootstrap: expect.any(Object) }]);
  expect(correctedResampledT(Float64Array.of(3), 0.25)).toBeNull();
  expect(correctedResampledT(Float64Array.of(3, 3), 0.25)).toMatchObject({ low: 3, high: 3, p: 0 });
  expect(compare(pair(1).slice(1), 'mse')).toEqual([]);
});

test('two methods that point in opposite directions show nothing, however sure each is', () => {
  // Worse in one large fold, better in 29 small ones: of 690 rows most are worse, of 30 folds most are better.
  const sizes = Array.from({ length: 30 }, (_, fold) => (fold === 0 ? 400 : 10));
  const make = (name: string, errorOf: (fold: number) => number): ModelPredictions => ({
    name,
    folds: sizes.map((size, fold) => ({
      repeat: 0,
      fold,
      rows: Uint32Array.from({ length: size }, (_, i) => (fold === 0 ? i : 390 + 10 * fold + i)),
      trainCount: 4000,
      actual: new Float64Array(size),
      predicted: new Float64Array(size).fill(errorOf(fold)),
    })),
  });
  const models = [make('b', () => 2), make('a', (fold) => (fold === 0 ? 3 : 1 + fold / 1000))];
  const [found] = compareModels(models, { metrics: ['mse'], clusters: everyRowAlone, seed: 1 });
  expect(found.resampledT?.high).toBeLessThan(0);
  expect(found.bootstrap?.low).toBeGreaterThan(0);
  expect(found).toMatchObject({ rawP: 1, p: 1, verdict: 'no difference shown' });
});

test('the word follows from the interval, and from the direction of the figure', () => {
  expect(judge({ metric: 'mse', low: -3, high: -1 })).toBe('better');
  expect(judge({ metric: 'r2', low: -3, high: -1 })).toBe('worse');
  expect(judge({ metric: 'mse', low: -3, high: 0 })).toBe('no difference shown');
  expect(judge({ metric: 'mse', low: 1, high: 3 })).toBe('worse');
  expect(judge({ metric: 'mse', low: null, high: null })).toBe('no difference shown');
});

test('models that cannot be paired are refused', () => {
  const actual = Float64Array.of(10, 20, 30, 40);
  const model = cutModel('a', actual, actual, 2);
  const options = { metrics: ['mse'], clusters: everyRowAlone, seed: 1 } as const;
  const refuse = (other: ModelPredictions) => expect(() => compareModels([model, other], options));
  refuse(cutModel('b', actual, actual, 4)).toThrow('comparison: b must have 2 folds, got 4');
  refuse(cutModel('b', actual.toReversed(), actual, 2)).toThrow(
    'comparison: b, repeat 0, fold 0: must hold out the rows that it does for a, got others',
  );
  refuse(cutModel('b', actual, Float64Array.of(1, 2, Number.NaN, 4), 2)).toThrow('predicted[1] must be finite');
  refuse({ name: 'b', folds: model.folds.map((fold) => ({ ...fold, trainCount: 0 })) }).toThrow('trainCount');
  expect(() => compareModels([], options)).toThrow('at least one model');
  expect(() => compareModels([model], { ...options, clusters: new Uint32Array(2) })).toThrow('got 2 rows');
});
