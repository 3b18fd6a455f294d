import { describe, expect, test } from 'vitest';
import { createBackend } from '../backend.ts';
import { ShapeError } from '../errors.ts';
import { allocateParameters, initialise } from '../parameters.ts';
import { randomStream } from '../random.ts';
import { checkTargets, type Examples, shardRows } from './examples.ts';
import { createPredictor } from './predict.ts';
import { smallExamples, smallModel } from './smallTask.ts';

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

function smallPredictor(name: 'reference' | 'simd' | 'relaxed') {
  const backend = createBackend(name);
  const model = smallModel();
  const { tensors } = allocateParameters(backend, model.parameters);
  initialise(model.parameters, tensors, 1);
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
  expect(() => checkTargets({ rows: 4, inputs }, {})).toThrow(/target/);
  expect(() => checkTargets({ rows: 4, inputs, target: target.slice(1) }, {})).toThrow(/target/);
  expect(() => checkTargets({ rows: 0, inputs: {}, target: new Float32Array(0) }, {})).toThrow(/one row/);
});

test('a shard holds 256 tokens, a power of two of rows', () => {
  expect([1, 2, 5, 13, 200, 256, 257, 5000].map(shardRows)).toEqual([256, 128, 32, 16, 1, 1, 1, 1]);
});
