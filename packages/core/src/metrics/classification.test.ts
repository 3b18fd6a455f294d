import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectFigures } from '../../testing/expectFigures.ts';
import {
  type HitMetrics,
  type HitOptions,
  measureHits,
  sweepThresholds,
  type ThresholdMetrics,
} from './classification.ts';
import {
  countByThreshold,
  measureRocArea,
  type PrecisionRecallCurve,
  type RocCurve,
  tracePrecisionRecall,
  traceRoc,
} from './curves.ts';
import { measureReliability, type ReliabilityBin } from './reliability.ts';

type Listed<Curve> = { readonly [key in keyof Curve]: readonly (number | null)[] };

interface GoldenCase extends Required<HitOptions> {
  readonly name: string;
  readonly actual: number[];
  readonly scores: number[];
  readonly expected: Omit<HitMetrics, 'cutoff' | 'threshold'>;
  readonly curves?: {
    readonly roc: Listed<RocCurve>;
    readonly precisionRecall: Listed<PrecisionRecallCurve>;
    readonly sweep: readonly ThresholdMetrics[];
  };
  readonly reliability?: readonly ({ readonly bins: number; readonly by: 'width' | 'count' } & Record<
    'predicted' | 'observed',
    readonly number[]
  >)[];
}

/** What the real scikit-learn makes of ties, constants and rare hits: scripts/golden/metricsHits.py. */
const { classifications }: { classifications: readonly GoldenCase[] } = JSON.parse(
  readFileSync(new URL('golden/metricsHits.json', import.meta.url), 'utf8'),
);

const takeColumns = ({ actual, scores }: GoldenCase) => [Float64Array.from(actual), Float64Array.from(scores)] as const;

test.each(classifications)('golden figures: $name', (example) => {
  const { cutoff, scale, threshold, expected } = example;
  const found = measureHits(...takeColumns(example), { cutoff, scale, threshold });
  expectFigures(found, { cutoff, threshold, ...expected });
});

test.each(classifications.filter(({ curves }) => curves))('golden curves: $name', ({ curves, ...example }) => {
  const { cutoff } = example;
  const { roc, precisionRecall, sweep } = curves as NonNullable<typeof curves>;
  const counts = countByThreshold(...takeColumns(example), cutoff);
  const { thresholds, ...rates } = traceRoc(counts) as RocCurve;
  expect(thresholds[0]).toBe(Number.POSITIVE_INFINITY);
  expectFigures({ ...rates, thresholds: thresholds.subarray(1) }, { ...roc, thresholds: roc.thresholds.slice(1) });
  expectFigures(tracePrecisionRecall(counts), precisionRecall);
  expectFigures(sweepThresholds(...takeColumns(example), { cutoff }), sweep);
});

test.each(classifications.filter((example) => example.reliability))('golden bins: $name', (example) => {
  const [actual, scores] = takeColumns(example);
  for (const { bins, by, predicted, observed } of example.reliability as NonNullable<typeof example.reliability>) {
    const found = measureReliability(actual, scores, { cutoff: example.cutoff, bins, by });
    const read = (key: keyof ReliabilityBin) => found.map((bin) => bin[key]);
    expectFigures({ predicted: read('predicted'), observed: read('observed') }, { predicted, observed });
    expect(read('rows').reduce((sum, rows) => sum + rows, 0)).toBe(actual.length);
  }
});

const coarse = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
  minLength: 1,
  maxLength: 60,
});

function takeSides(pairs: readonly (readonly [number, number])[]): [Float64Array, Float64Array] {
  return [Float64Array.from(pairs, ([actual]) => actual), Float64Array.from(pairs, ([, score]) => score)];
}

test('the ROC area is the share of pairs in the right order, and is under the drawn curve', () => {
  fc.assert(
    fc.property(coarse, (pairs) => {
      const [actual, scores] = takeSides(pairs);
      const counts = countByThreshold(actual, scores, 5);
      const [hits, others] = [pairs.filter(([value]) => value >= 5), pairs.filter(([value]) => value < 5)];
      const curve = traceRoc(counts);
      if (hits.length === 0 || others.length === 0) {
        expect(curve).toBeNull();
        expect(measureRocArea(counts)).toBeNull();
        return;
      }
      let right = 0;
      for (const [, hit] of hits) for (const [, other] of others) right += (Math.sign(hit - other) + 1) / 2;
      const { falsePositiveRate: x, truePositiveRate: y } = curve as RocCurve;
      let area = 0;
      for (let k = 1; k < x.length; k++) area += ((x[k] - x[k - 1]) * (y[k] + y[k - 1])) / 2;
      // At most 60 terms below 1.
      expect(measureRocArea(counts)).toBeCloseTo(right / hits.length / others.length, 13);
      expect(area).toBeCloseTo(right / hits.length / others.length, 13);
    }),
  );
});

test('a thinned sweep takes both ends and every so many of the full one', () => {
  fc.assert(
    fc.property(coarse, fc.integer({ min: 2, max: 12 }), (pairs, atMost) => {
      const [actual, scores] = takeSides(pairs);
      const full = sweepThresholds(actual, scores, { cutoff: 5 });
      const thinned = sweepThresholds(actual, scores, { cutoff: 5, atMost });
      expect(thinned).toHaveLength(Math.min(atMost, full.length));
      expect([thinned[0], thinned.at(-1)]).toEqual([full[0], full.at(-1)]);
      const places = thinned.map(({ threshold }) => full.findIndex((point) => point.threshold === threshold));
      const steps = places.slice(1).map((place, i) => place - places[i]);
      expect(Math.max(1, ...steps) - Math.min(...steps, Math.max(1, ...steps))).toBeLessThanOrEqual(1);
    }),
  );
});

test('the threshold is the cut-off for popularity, one half for probabilities', () => {
  const actual = Float64Array.of(80, 20);
  expect(measureHits(actual, Float64Array.of(61, 59), { cutoff: 60, scale: 'popularity' })).toMatchObject({
    threshold: 60,
    accuracy: 1,
    brier: null,
  });
  expect(measureHits(actual, Float64Array.of(0.5, 0.4), { cutoff: 60, scale: 'probability' })).toMatchObject({
    threshold: 0.5,
    accuracy: 1,
  });
});

test('half a million different scores are no problem', () => {
  const scores = Float64Array.from({ length: 500_000 }, (_, i) => i);
  const counts = countByThreshold(scores, scores, 250_000);
  expect(tracePrecisionRecall(counts)?.recall).toHaveLength(500_001);
  expect(traceRoc(counts)?.thresholds).toHaveLength(4);
});

test('bad input is refused', () => {
  const two = Float64Array.of(10, 90);
  const options = { cutoff: 60, scale: 'probability' } as const;
  expect(() => measureHits(two, Float64Array.of(0.5, 1.5), options)).toThrow(
    'measureHits: a probability must be between 0 and 1, got 1.5 in row 1',
  );
  expect(() => measureHits(two, Float64Array.of(0.5), options)).toThrow('must hold 2 values, got 1');
  expect(() => measureReliability(two, Float64Array.of(-0.1, 0), options)).toThrow('must be between 0 and 1');
  expect(() => measureReliability(two, Float64Array.of(0, 1), { ...options, bins: 0 })).toThrow('bins must be');
  expect(() => sweepThresholds(two, two, { cutoff: 60, atMost: 1 })).toThrow('atMost must be at least 2, got 1');
});
