import { describe, expect, test } from 'vitest';
import { smallExamples, smallModel, smallSequenceModel, smallSequences } from '../../testing/smallTask.ts';
import { createBackend } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { ShapeError } from '../errors.ts';
import type { Loss } from '../ops/losses.ts';
import { allocateParameters, initialise } from '../parameters.ts';
import { randomStream } from '../random.ts';
import { checkTargets, type Examples, shardRows } from './examples.ts';
import { createPredictor } from './predict.ts';

/** The given rows of some examples. */
function pick(examples: Examples, rows: ArrayLike<number>): Examples {
  const inputs: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(examples.inputs)) {
    const width = values.length / examples.rows;
    inputs[name] = Float32Array.from(
      { length: rows.length * width },
      (_, i) => values[rows[Math.floor(i / width)] * width + (i % width)],
    );
  }
  return { rows: rows.length, inputs };
}

function smallPredictor(name: 'reference' | 'simd' | 'relaxed', model: Model = smallModel()) {
  const backend = createBackend(name);
  const { tensors } = allocateParameters(backend, model.parameters);
  initialise(backend, model.parameters, tensors, 1);
  return { backend, predictor: createPredictor(backend, model, tensors) };
}

describe.each(['reference', 'simd', 'relaxed'] as const)('%s: predict', (name) => {
  // More than two chunks of 32 rows, the last one not full.
  const rows = 77;
  const examples = smallExamples('examples', rows);

  test('rows alone, together and in any order give the same, bit for bit', () => {
    const { predictor } = smallPredictor(name);
    const together = predictor.predict(examples);
    expect(together.every(Number.isFinite)).toBe(true);
    expect(new Set(together).size).toBeGreaterThan(rows / 2);
    const alone = Float32Array.from({ length: rows }, (_, r) => predictor.predict(pick(examples, [r]))[0]);
    expect(alone).toEqual(together);
    const order = Uint32Array.from({ length: rows }, (_, r) => r);
    randomStream(1, 'order').shuffle(order);
    const shuffled = predictor.predict(pick(examples, order));
    expect(shuffled).toEqual(Float32Array.from(order, (r) => together[r]));
    for (const count of [2, 31, 32, 33, 64]) {
      const part = predictor.predict(pick(examples, order.slice(0, count)));
      expect(part, `${count} rows`).toEqual(shuffled.slice(0, count));
    }
  });

  test('several numbers a row, and for every position, lie row by row', () => {
    const sequences = smallSequences('sequences', 35);
    for (const [model, given] of [
      [smallModel(0, 1, 3), examples],
      [smallSequenceModel(), sequences],
    ] as const) {
      const { predictor } = smallPredictor(name, model);
      const together = predictor.predict(given);
      const width = model.targets * model.outputs;
      expect(together.length).toBe(given.rows * width);
      expect(new Set(together).size).toBeGreaterThan(together.length / 2);
      for (const r of [0, 1, 31, given.rows - 1]) {
        const alone = predictor.predict(pick(given, [r]));
        expect(alone).toEqual(together.slice(r * width, (r + 1) * width));
      }
    }
  });

  test('memory does not grow from call to call', () => {
    const { backend, predictor } = smallPredictor(name);
    predictor.predict(examples);
    predictor.predict(pick(examples, [0]));
    const { used } = backend.arena;
    for (const count of [1, 5, 40, rows])
      predictor.predict(
        pick(
          examples,
          Array.from({ length: count }, (_, r) => r),
        ),
      );
    expect(backend.arena.used).toBe(used);
  });

  test('no rows give no predictions', () => {
    expect(smallPredictor(name).predictor.predict(pick(examples, []))).toEqual(new Float32Array(0));
  });
});

test('examples that do not fit are refused', () => {
  const { predictor } = smallPredictor('simd');
  const { inputs, target } = smallExamples('examples', 4);
  const { numeric, codes } = inputs;
  expect(() => predictor.predict({ rows: 4, inputs: { numeric } })).toThrow(ShapeError);
  expect(() => predictor.predict({ rows: 4, inputs: { numeric: numeric.slice(1), codes } })).toThrow(
    /numeric.*\(4, 3\)/,
  );
  expect(() => predictor.predict({ rows: 5, inputs })).toThrow(ShapeError);
  const targets = (examples: Examples, loss: Loss = 'meanSquaredError') =>
    checkTargets(examples, { inputs: {}, targets: 1 }, loss);
  expect(() => targets({ rows: 4, inputs })).toThrow(/target/);
  expect(() => targets({ rows: 4, inputs, target: target.slice(1) })).toThrow(/target/);
  expect(() => targets({ rows: 0, inputs: {}, target: new Float32Array(0) })).toThrow(/one row/);
  const twoEach = { inputs: {}, targets: 2 };
  expect(() => checkTargets({ rows: 4, inputs, target }, twoEach, 'huber')).toThrow(/\(4, 2\), got 4 numbers/);
  expect(checkTargets({ rows: 2, inputs, target }, twoEach, 'huber')).toBe(target);
});

test('targets that a loss is not defined for are refused', () => {
  const check = (target: number[], loss: Loss) => () =>
    checkTargets(
      { rows: target.length, inputs: {}, target: Float32Array.from(target) },
      { inputs: {}, targets: 1 },
      loss,
    );
  const classes = { kind: 'crossEntropy', classes: 3 } as const;
  expect(check([0, 2, -1, 1], classes)).not.toThrow();
  for (const wrong of [3, 0.5, -0.5, Number.NaN]) {
    expect(check([0, wrong], classes)).toThrow(`expected whole numbers below 3, negative for none, got ${wrong}`);
  }
  expect(check([-1, -2], classes)).toThrow(/at least one that is not left out/);
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(check([0, wrong], { kind: 'gaussian' })).toThrow(/expected finite numbers, got/);
  }
});

test('codes and lengths out of range are refused, as they are places in memory', () => {
  const { predictor } = smallPredictor('simd', smallSequenceModel());
  const { rows, inputs } = smallSequences('sequences', 3);
  const change = (name: string, value: number) => () => {
    const values = inputs[name].slice();
    values[1] = value;
    return predictor.predict({ rows, inputs: { ...inputs, [name]: values } });
  };
  expect(change('codes', 2)).not.toThrow();
  for (const wrong of [-1, 3, 0.5, Number.NaN])
    expect(change('codes', wrong)).toThrow(/"codes": expected whole numbers 0 … 2/);
  for (const wrong of [0, 10, 1.5]) expect(change('lengths', wrong)).toThrow(/"lengths": expected whole numbers 1 … 9/);
  const tokens = smallPredictor('simd').predictor;
  const { inputs: features } = smallExamples('examples', 4);
  // The second feature has three categories.
  const codes = features.codes.fill(4, 3, 4);
  expect(() => tokens.predict({ rows: 4, inputs: { ...features, codes } })).toThrow(
    /"codes": expected whole numbers 0 … 3/,
  );
});

test('a shard holds 256 tokens, a power of two of rows', () => {
  expect([1, 2, 5, 13, 200, 256, 257, 5000].map(shardRows)).toEqual([256, 128, 32, 16, 1, 1, 1, 1]);
});
