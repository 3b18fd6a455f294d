import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/expectClose.ts';
import { smallExamples, smallModel } from '../../testing/smallTask.ts';
import { createBackend } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { type TokenNetworkConfig, tokenNetwork } from '../blocks/tokenNetwork.ts';
import { vectorNetwork } from '../blocks/vectorNetwork.ts';
import { SettingError, ShapeError } from '../errors.ts';
import { allocateParameters, initialise } from '../parameters.ts';
import type { Examples } from './examples.ts';
import { gaussLegendre } from './gaussLegendre.ts';
import { createPredictor } from './predict.ts';

const backends = ['reference', 'simd', 'relaxed'] as const;

function predictorOf(model: Model, name: (typeof backends)[number] = 'reference') {
  const backend = createBackend(name);
  const { tensors } = allocateParameters(backend, model.parameters);
  initialise(backend, model.parameters, tensors, 1);
  // Initial weights of blocks are small; larger ones bend the line's outputs.
  for (const [key, { data }] of tensors)
    if (/in_proj|x_proj|head/.test(key)) for (let i = 0; i < data.length; i++) data[i] *= 2;
  return { backend, predictor: createPredictor(backend, model, tensors) };
}

/** Three numeric features in one bin each, and two categories that stay. */
function makeRow(numeric: readonly number[], codes: readonly number[] = [1, 2]): Examples {
  return { rows: 1, inputs: { numeric: Float32Array.from(numeric), codes: Float32Array.from(codes) } };
}

const size = { dModel: 4, dState: 2, dConv: 4, expand: 2 };
const plain: TokenNetworkConfig = {
  ...size,
  layers: 2,
  edges: Array.from({ length: 3 }, () => [-1, -0.5, 0, 0.5, 1]),
  categories: [2, 3],
  dropout: 0,
  hidden: 0,
  seed: 1,
};
const configs: Readonly<Record<string, TokenNetworkConfig>> = {
  plain,
  'both directions': { ...plain, bidirectional: true },
  'a learned token': { ...plain, pooling: 'cls', outputs: 2 },
  'Mamba-2': { ...plain, block: 'mamba2', headDim: 4, groups: 1 },
  'no blocks': { ...plain, layers: 0 },
};

describe.each(Object.entries(configs))('attribute: %s', (_, config) => {
  const baseline = makeRow([-0.25, 0.1, 0.75], [0, 1]);
  const examples = smallExamples('attribute', 20);

  test('a row’s values sum to its output less the baseline’s', () => {
    for (const name of backends) {
      const model = tokenNetwork(config);
      const { predictor } = predictorOf(model, name);
      const output = model.outputs - 1;
      const found = predictor.attribute(examples, { baseline, output, tolerance: 1e-5 });
      const pick = (rows: Examples) => predictor.predict(rows).filter((_, i) => i % model.outputs === output);
      // Predictions come as float32, and outputs are up to 3.
      const rounding = name === 'reference' ? 2e-7 : 1e-6;
      expectClose(`${name} outputs`, found.outputs, pick(examples), { absolute: rounding });
      expectClose(`${name} baseline`, [found.baseline], pick(baseline), { absolute: rounding });
      const sums = found.outputs.map((_, r) =>
        found.values.subarray(r * model.tokens, (r + 1) * model.tokens).reduce((sum, value) => sum + value, 0),
      );
      expectClose(
        `${name} sums`,
        sums,
        found.outputs.map((value, r) => value - found.baseline + found.errors[r]),
        { absolute: 1e-12 },
      );
      expect(Math.max(...found.errors.map(Math.abs))).toBeLessThan(1e-5);
      expect(new Set(found.outputs).size).toBeGreaterThan(10);
    }
  });

  test('within a bin, tokens are straight lines: central differences by the features', () => {
    const model = tokenNetwork(config);
    const { predictor } = predictorOf(model);
    const from = [-0.375, 0.0625, 0.5625];
    const to = [-0.125, 0.4375, 0.9375];
    const { values } = predictor.attribute(makeRow(to), { baseline: makeRow(from), tolerance: 0, maximumPoints: 8 });
    const { points, weights } = gaussLegendre(8);
    // A power of two, so that float32 inputs hold the points exactly but for the line's own rounding.
    const step = 2 ** -9;
    const expected = from.map((start, f) => {
      let sum = 0;
      points.forEach((point, k) => {
        const at = from.map((value, j) => Math.fround(value + point * (to[j] - value)));
        const [above, below] = [step, -step].map(
          (shift) => predictor.predict(makeRow(at.map((value, j) => (j === f ? value + shift : value))))[0],
        );
        sum += (weights[k] * (above - below)) / (2 * step);
      });
      return sum * (to[f] - start);
    });
    // Predictions come as float32, 6e-8 off at 1, over 2⁻⁸, times a way of 0.4.
    expectClose('values', values.subarray(0, 3), expected, { absolute: 2e-5 });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
    // The categories are the same at both ends, as is a learned token.
    expect(values.subarray(3).every((value) => value === 0)).toBe(true);
  });
});

test('without blocks, a token adds what it changes alone', () => {
  const { predictor } = predictorOf(tokenNetwork({ ...plain, layers: 0 }));
  const from = makeRow([0.1, Number.NaN, 0.9], [0, 1]);
  const to = { numeric: [-0.7, 0.3, Number.NaN], codes: [2, 3] };
  const base = predictor.predict(from)[0];
  const { values } = predictor.attribute(makeRow(to.numeric, to.codes), { baseline: from });
  const alone = Array.from({ length: 5 }, (_, f) => {
    const { numeric, codes } = from.inputs;
    const mixed = makeRow(
      [...numeric].map((value, j) => (j === f ? to.numeric[j] : value)),
      [...codes].map((value, j) => (j + 3 === f ? to.codes[j] : value)),
    );
    return predictor.predict(mixed)[0] - base;
  });
  // Differences of float32 predictions of about 3.
  expectClose('values', values, alone, { absolute: 1e-6 });
});

test('a baseline of several rows is the mean of their tokens', () => {
  const { predictor } = predictorOf(tokenNetwork(plain));
  const row = makeRow([-0.8, 0.3, 0.9]);
  // Within a bin, the mean of tokens is the token of the mean.
  const rows = 37;
  const numeric = Float32Array.from({ length: rows * 3 }, (_, i) => 0.125 + (Math.floor(i / 3) - 18) / 256);
  const codes = Float32Array.from({ length: rows * 2 }, (_, i) => 1 + (i % 2));
  const several = predictor.attribute(row, { baseline: { rows, inputs: { numeric, codes } } });
  const one = predictor.attribute(row, { baseline: makeRow([0.125, 0.125, 0.125]) });
  // Sums of 37 tokens in float64.
  expect(several.baseline).toBeCloseTo(one.baseline, 12);
  expectClose('values', several.values, one.values, { absolute: 1e-12 });
});

test('what training hides or drops is not, and memory does not grow', () => {
  const examples = smallExamples('dropout', 5);
  const baseline = makeRow([0, 0, 0]);
  const [without, dropped] = [0, 0.5].map((dropout) => {
    const { backend, predictor } = predictorOf(tokenNetwork({ ...plain, dropout, hidden: dropout }));
    const found = predictor.attribute(examples, { baseline });
    const { used } = backend.arena;
    expect(predictor.attribute(examples, { baseline })).toEqual(found);
    expect(backend.arena.used).toBe(used);
    return found;
  });
  expect(dropped).toEqual(without);
});

test('points are doubled until the sum is right, or there are as many as may be', () => {
  const { predictor } = predictorOf(smallModel(0, 2));
  const examples = smallExamples('points', 8);
  const baseline = makeRow([Number.NaN, Number.NaN, Number.NaN], [0, 0]);
  const points = (tolerance: number, maximumPoints = 1024) => [
    ...predictor.attribute(examples, { baseline, tolerance, maximumPoints }).points,
  ];
  expect(points(10)).toEqual(Array(8).fill(8));
  expect(points(0, 4)).toEqual(Array(8).fill(4));
  expect(points(0, 33)).toEqual(Array(8).fill(32));
  const few = predictor.attribute(examples, { baseline, tolerance: 10, maximumPoints: 1 });
  const many = predictor.attribute(examples, { baseline, tolerance: 1e-7 });
  expect(Math.max(...many.errors.map(Math.abs))).toBeLessThan(Math.max(...few.errors.map(Math.abs)) / 10);
});

test('what cannot be attributed is refused', () => {
  const vector = predictorOf(vectorNetwork({ ...size, outputScale: 1 })).predictor;
  const features = { rows: 1, inputs: { features: new Float32Array(4) } };
  expect(() => vector.attribute(features, { baseline: features })).toThrow(SettingError);
  const { predictor } = predictorOf(smallModel());
  const row = makeRow([0, 0, 0]);
  expect(() => predictor.attribute(row, { baseline: row, output: 1 })).toThrow('attribute output: must be below 1');
  expect(() => predictor.attribute(row, { baseline: { ...row, rows: 2 } })).toThrow(ShapeError);
  const none = { rows: 0, inputs: { numeric: new Float32Array(0), codes: new Float32Array(0) } };
  expect(() => predictor.attribute(row, { baseline: none })).toThrow(/at least one row/);
});
