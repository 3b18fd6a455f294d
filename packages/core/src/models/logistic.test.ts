import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeRandom, makeTracks } from '../../testing/madeTracks.ts';
import { featureNames } from '../tracks/schema.ts';
import { loadLogistic, logisticClassifier } from './logistic.ts';
import { fitLogistic, logistic } from './logisticRegression.ts';

interface Fit {
  readonly C: number;
  readonly intercept: number;
  readonly coefficients: readonly number[];
}
const golden: { standard: number[]; logistic: { name: string; labels: number[]; fits: Fit[] }[] } = JSON.parse(
  readFileSync(new URL('golden/baselines.json', import.meta.url), 'utf8'),
);

const none = new Uint32Array(0);
const rowsFrom = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

describe.each(golden.logistic)('golden $name classes', ({ labels, fits }) => {
  test.each(fits)('C = $C: the fit equals scikit-learn to 1e-8', ({ C, intercept, coefficients }) => {
    const found = fitLogistic(Float64Array.from(golden.standard), Uint8Array.from(labels), C);
    // Both end where the gradient is rounding; coefficients reach 50, and two columns nearly make a third.
    [...found.coefficients, found.intercept].forEach((value, j) => {
      const expected = [...coefficients, intercept][j];
      expect(Math.abs(value - expected), `column ${j}`).toBeLessThan(1e-8 * Math.max(1, Math.abs(expected)));
    });
  });
});

test('the logistic function neither overflows nor loses small probabilities', () => {
  expect([logistic(0), logistic(800), logistic(-800)]).toEqual([0.5, 1, 0]);
  expect(logistic(-40)).toBeCloseTo(Math.exp(-40), 30);
});

test('one class alone has no fit', () => {
  expect(() => fitLogistic(Float64Array.of(1, 2), Uint8Array.of(1, 1), 1)).toThrow(
    'needs both labels, got 2 ones in 2',
  );
});

function makeTable(
  rows: number,
  { hits = (row: readonly number[], random: number) => row[1] + 0.3 * random > 0.65, missing = 0 } = {},
) {
  const random = makeRandom(31);
  const features = Array.from({ length: rows }, () => featureNames.map(() => random()));
  const popularity = features.map((row) => (hits(row, random()) ? 80 : 30));
  const gaps = features.map((row) => row.map((value) => (random() < missing ? Number.NaN : value)));
  return makeTracks(gaps, popularity);
}

const options = { seed: 2, cutoff: 70, train: rowsFrom(0, 240), validation: rowsFrom(240, 300) };

test('probabilities fit the labels of songs that were not seen, with gaps and without', async () => {
  for (const missing of [0, 0.1]) {
    const tracks = makeTable(600, { missing });
    const fitted = await logisticClassifier([]).fit(tracks, options);
    const held = rowsFrom(300, 600);
    const probabilities = fitted.predictProbability(tracks, held);
    const right = held.filter((row, i) => probabilities[i] >= 0.5 === tracks.popularity.values[row] >= 70).length;
    // Labels within 0.15 of the border are chance by half: 1 in 13; gaps cost one column in ten.
    expect(right / held.length).toBeGreaterThan(0.85);
    const mean = probabilities.reduce((sum, value) => sum + value, 0) / held.length;
    const share = held.filter((row) => tracks.popularity.values[row] >= 70).length / held.length;
    // Three standard errors of a share of a half in 300, √(0.25/300).
    expect(Math.abs(mean - share)).toBeLessThan(0.09);
  }
});

test('separable classes end with finite coefficients and right answers', async () => {
  const tracks = makeTable(300, { hits: (row) => row[1] > 0.5 });
  const fitted = await logisticClassifier([]).fit(tracks, options);
  expect(fitted.coefficients.every(Number.isFinite)).toBe(true);
  const probabilities = fitted.predictProbability(tracks, options.train);
  const wrong = options.train.filter(
    (row, i) => probabilities[i] >= 0.5 !== tracks.popularity.values[row] >= 70,
  ).length;
  expect(wrong).toBeLessThan(6);
});

test('where all songs are hits, or none is, the share by the rule of succession', async () => {
  for (const [cutoff, expected] of [
    [10, 301 / 302],
    [90, 1 / 302],
  ]) {
    const tracks = makeTable(300);
    const fitted = await logisticClassifier([]).fit(tracks, { ...options, cutoff });
    expect(fitted.strength).toBeNull();
    for (const probability of fitted.predictProbability(tracks, rowsFrom(0, 5))) {
      expect(probability).toBeCloseTo(expected, 12);
    }
  }
});

test('held-out rows have no part in it; a saved model predicts the same to the bit', async () => {
  const tracks = makeTable(400);
  const { values, missing } = tracks.popularity;
  const changed = { ...tracks, popularity: { values: values.map((value, row) => (row < 300 ? value : 100)), missing } };
  const classifier = logisticClassifier(['era']);
  const fitted = await classifier.fit(tracks, options);
  expect((await classifier.fit(changed, options)).save()).toEqual(fitted.save());
  const loaded = loadLogistic(fitted.save());
  expect(loaded).toMatchObject({ cutoff: 70, strength: fitted.strength });
  const held = rowsFrom(300, 400);
  expect([...loaded.predictProbability(tracks, held)]).toEqual([...fitted.predictProbability(tracks, held)]);
  expect(loaded.predictProbability(tracks, none).length).toBe(0);
  const wrong = { tensors: new Map(), metadata: { model: 'ridge' } };
  expect(() => loadLogistic(wrong)).toThrow('must be a saved "logistic", got "ridge"');
});
