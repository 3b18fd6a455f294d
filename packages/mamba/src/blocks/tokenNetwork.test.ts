import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { modelCase, predictCase } from '../../testing/networkCase.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { fingerprint } from '../parameters.ts';
import { randomStream } from '../random.ts';
import { checkExamples } from '../train/examples.ts';
import { buildNetwork } from './networks.ts';
import { tokenNetwork } from './tokenNetwork.ts';

const size = { dModel: 3, dState: 2, dConv: 4, expand: 2, layers: 2 };

interface TokenShape {
  readonly rows: number;
  readonly numeric: number;
  readonly categories: readonly number[];
  readonly dropout?: number;
  readonly hidden?: number;
  readonly bidirectional?: boolean;
  readonly outputs?: number;
  readonly pooling?: 'mean' | 'last' | 'cls';
  readonly summary?: boolean;
}

/** Rows with some values missing and some categories missing. */
function tokenCase(shape: TokenShape): OperationCase {
  const { rows, numeric, categories, dropout = 0, hidden = 0, ...rest } = shape;
  const edges = Array.from({ length: numeric }, (_, f) => Float32Array.of(-1, -0.25 * f, 0.5, 1));
  const inputs: Record<string, CaseInput> = {};
  if (numeric > 0) {
    const { shape, values } = uniformInput('numeric', [rows, numeric], 1.2);
    inputs.numeric = { shape, values: Float32Array.from(values, (value, i) => (i % 4 === 1 ? Number.NaN : value)) };
  }
  if (categories.length > 0) {
    // Each code from 0, a missing value, to the feature's last category.
    const codes = Float32Array.from({ length: rows * categories.length }, (_, i) => {
      const k = i % categories.length;
      return Math.floor(i / categories.length) % (categories[k] + 1);
    });
    inputs.codes = { shape: [rows, categories.length], values: codes };
  }
  const model = tokenNetwork({ ...size, edges, categories, dropout, hidden, seed: 3, ...rest });
  const operation = modelCase(model, inputs);
  return { ...operation, context: { step: 2, firstRow: 0, batchRows: rows } };
}

/** One feature a token, so lengths 1, 2 and 13. */
const shapes = [
  { rows: 3, numeric: 1, categories: [] },
  { rows: 3, numeric: 0, categories: [2] },
  { rows: 4, numeric: 1, categories: [2] },
  { rows: 2, numeric: 10, categories: [2, 1, 3] },
  { rows: 3, numeric: 2, categories: [2], bidirectional: true },
  { rows: 3, numeric: 2, categories: [2], outputs: 3 },
  { rows: 3, numeric: 2, categories: [2], pooling: 'last' },
  { rows: 3, numeric: 2, categories: [2], pooling: 'cls', outputs: 2 },
  { rows: 3, numeric: 2, categories: [], pooling: 'cls', bidirectional: true },
  { rows: 3, numeric: 2, categories: [2], summary: true },
  { rows: 2, numeric: 1, categories: [2], summary: true, pooling: 'cls' },
] as const;

/** As for a stack, see mamba.test.ts. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('tokenNetwork', () => {
  test.each(shapes)('derivative by every parameter: %o', (shape) => {
    expectGradient('tokenNetwork', tokenCase(shape), 25);
  });

  test('derivative through dropout and hidden values', async () => {
    const shape = { rows: 6, numeric: 2, categories: [2], dropout: 0.4, hidden: 0.3 };
    expectGradient('tokenNetwork', tokenCase(shape), 25);
    await expectAgreement('tokenNetwork', tokenCase(shape), agreement);
  });

  test.each(shapes)('every backend agrees with the definition: %o', async (shape) => {
    await expectAgreement('tokenNetwork', tokenCase(shape), agreement);
  });

  test('a missing value learns the mask and not the pieces', () => {
    const operation = tokenCase({ rows: 1, numeric: 2, categories: [2] });
    for (const backend of createBackends()) {
      const { gradients } = runCase(backend, operation);
      // In one row the second of two features is missing.
      const maskLearns = Array.from(gradients['tokens.numeric.mask'], (value) => value !== 0);
      expect(maskLearns, backend.name).toEqual([false, false, false, true, true, true]);
      const biasLearns = Array.from(gradients['tokens.numeric.bias'], (value) => value !== 0);
      expect(biasLearns, backend.name).toEqual([true, true, true, false, false, false]);
      expect(gradients['tokens.numeric.weight'].subarray(9).every((value) => value === 0)).toBe(true);
    }
  });

  test('categories begin as near each other as their spread says, and part as slowly', () => {
    const config = { ...size, edges: [], categories: [2, 3], dropout: 0, hidden: 0, seed: 1 };
    const tableOf = (categorySpread?: number) => {
      const { parameters } = tokenNetwork(categorySpread === undefined ? config : { ...config, categorySpread });
      const spec = parameters.find(({ name }) => name === 'tokens.categorical.weight');
      if (!spec) throw new Error('no table');
      const values = new Float64Array(7 * size.dModel);
      spec.initialise(values, randomStream(1, 'test'));
      return { rate: spec.rate, values };
    };
    const far = tableOf();
    expect(tableOf(1)).toEqual(far);
    const near = tableOf(0.1);
    expect(near.rate).toBe(0.1);
    // Rows 0 and 3 stand for missing values, which the rows after them lean on.
    const bases = [0, 0, 0, 3, 3, 3, 3];
    near.values.forEach((value, i) => {
      const row = Math.floor(i / size.dModel);
      const base = far.values[bases[row] * size.dModel + (i % size.dModel)];
      const expected = row === bases[row] ? base : Math.sqrt(0.99) * base + 0.1 * far.values[i];
      // Float64, two roundings.
      expect(value).toBeCloseTo(expected, 14);
    });
  });

  test('predicting is training without dropout and hidden values', () => {
    const shape = { rows: 4, numeric: 3, categories: [2, 4] };
    const withDropout = tokenCase({ ...shape, dropout: 0.5, hidden: 0.3 });
    for (const backend of createBackends()) {
      const trained = runCase(backend, tokenCase(shape)).output;
      const predicted = predictCase(withDropout, backend.name);
      // The same kernels in the same order.
      expect(predicted, backend.name).toEqual(trained);
      expect(runCase(backend, withDropout).output, backend.name).not.toEqual(trained);
    }
  });

  test('one output and the mean are what is not named, to the byte', () => {
    const config = { ...size, edges: [Float32Array.of(-1, 0, 1)], categories: [2], dropout: 0.1, hidden: 0, seed: 1 };
    const plain = tokenNetwork(config);
    const named = tokenNetwork({ ...config, outputs: 1, pooling: 'mean' });
    expect(fingerprint(named.parameters)).toBe(fingerprint(plain.parameters));
    const shape = { rows: 4, numeric: 2, categories: [2] };
    for (const backend of createBackends()) {
      const [first, second] = [shape, { ...shape, outputs: 1, pooling: 'mean' } as const].map((each) =>
        runCase(backend, tokenCase(each)),
      );
      expect(second).toEqual(first);
    }
  });

  test('tokens stand where they are told, to the byte', () => {
    const config = { ...size, categories: [], dropout: 0, hidden: 0, seed: 1, pooling: 'last' } as const;
    const edges = [
      [-1, 0, 1],
      [-1, 0.5, 1],
    ];
    const { values } = uniformInput('numeric', [3, 2], 1.2);
    const swap = (list: ArrayLike<number>, width: number) =>
      Array.from(list, (_, i) => list[(Math.floor(i / width) ^ 1) * width + (i % width)]);
    const told = modelCase(tokenNetwork({ ...config, edges, positions: [1, 0] }), {
      numeric: { shape: [3, 2], values },
    });
    // The same in the usual order: the features change places with all that belongs to them.
    const usual = modelCase(tokenNetwork({ ...config, edges: [edges[1], edges[0]] }), {
      numeric: { shape: [3, 2], values: swap(values, 1) },
    });
    const inputs = { ...usual.inputs };
    for (const name of ['weight', 'bias', 'mask'].map((part) => `tokens.numeric.${part}`)) {
      const { shape, values } = told.inputs[name];
      inputs[name] = { shape, values: swap(values, values.length / 2) };
    }
    const output = predictCase(told, 'simd');
    expect(predictCase({ ...usual, inputs }, 'simd')).toEqual(output);
    expect(predictCase({ ...told, record: usual.record }, 'simd')).not.toEqual(output);
  });

  test.each([[[0]], [[0, 0]], [[0, 2]], [[0.5, 1]]])('positions that are no order are refused: %j', (positions) => {
    const config = { ...size, edges: [[-1, 1]], categories: [2], dropout: 0, hidden: 0, seed: 1 };
    expect(() => tokenNetwork({ ...config, positions })).toThrow('tokenNetwork positions: must hold 0 … 1 once each');
  });

  test('its definition makes it again from JSON, where edges are plain numbers', () => {
    const config = { ...size, edges: [[-1, 0, 1]], categories: [2], dropout: 0, hidden: 0, seed: 1, outputs: 2 };
    const { definition, ...model } = tokenNetwork(config);
    if (!definition) throw new Error('no definition');
    const again = buildNetwork(JSON.parse(JSON.stringify(definition)));
    expect(fingerprint(again.parameters)).toBe(fingerprint(model.parameters));
    const inputs = {
      numeric: uniformInput('numeric', [3, 1], 1.2),
      codes: { shape: [3, 1], values: [0, 1, 2] },
    };
    const outputs = [model, again].map((each) => predictCase(modelCase(each, inputs), 'simd'));
    expect(outputs[1]).toEqual(outputs[0]);
  });

  test('the learned token stands at the end, so that the row depends on every feature', () => {
    const shape = { rows: 2, numeric: 3, categories: [], pooling: 'cls' } as const;
    const operation = tokenCase(shape);
    expect(operation.inputs['tokens.cls.weight'].shape).toEqual([1, size.dModel]);
    const [backend] = createBackends();
    const { output, gradients } = runCase(backend, operation);
    expect(gradients['tokens.cls.weight'].every((value) => value !== 0)).toBe(true);
    for (let f = 0; f < 3; f++) {
      const { shape, values } = operation.inputs.numeric;
      const moved = Float32Array.from(values, (value, i) => (i === f && !Number.isNaN(value) ? value / 2 : value));
      // The second value is missing, and stays so.
      if (Number.isNaN(values[f])) moved[f] = 0.25;
      const numeric = { shape, values: moved, differentiable: false };
      const changed = runCase(backend, { ...operation, inputs: { ...operation.inputs, numeric } }).output;
      expect(changed[0], `feature ${f}`).not.toBe(output[0]);
      expect(changed[1]).toBe(output[1]);
    }
  });

  test('without blocks, a row is as like another as what is pooled', () => {
    const inputs = { numeric: { shape: [3, 2], values: [0.5, 0.1, -0.5, 0.1, 0.5, -0.1] } };
    const distinct = { mean: 3, last: 2, cls: 1 };
    for (const [pooling, count] of Object.entries(distinct)) {
      const edges = [0, 1].map(() => [-1, 1]);
      const config = { ...size, layers: 0, edges, categories: [], dropout: 0, hidden: 0, seed: 1 };
      const model = tokenNetwork({ ...config, pooling: pooling as keyof typeof distinct });
      const outputs = predictCase(modelCase(model, inputs), 'simd');
      expect(new Set(outputs).size, pooling).toBe(count);
    }
  });

  test('features meet in blocks and in the summary; without either they add up', () => {
    const inputs = { numeric: { shape: [4, 2], values: [0.9, 0.8, -0.7, 0.8, 0.9, -0.6, -0.7, -0.6] } };
    const interaction = (layers: number, summary: boolean): number => {
      const edges = [0, 1].map(() => [-1, 0, 1]);
      const model = tokenNetwork({ ...size, layers, summary, edges, categories: [], dropout: 0, hidden: 0, seed: 1 });
      const [both, second, first, none] = predictCase(modelCase(model, inputs), 'reference');
      return Math.abs(both - second - first + none);
    };
    expect(interaction(0, false)).toBeLessThan(1e-6);
    expect(interaction(0, true)).toBeGreaterThan(1e-3);
    expect(interaction(1, false)).toBeGreaterThan(1e-5);
  });

  test('each feature has an entry for a missing value and one for each of its categories', () => {
    const config = { ...size, layers: 1, edges: [], categories: [2, 1], dropout: 0, hidden: 0, seed: 1 };
    const inputs = { codes: { shape: [1, 2], values: [2, 0], differentiable: false } };
    const { gradients } = runCase(createBackends()[0], modelCase(tokenNetwork(config), inputs));
    const rows = gradients['tokens.categorical.weight'].reduce((found, value, i) => {
      return value === 0 ? found : found.add(Math.floor(i / config.dModel));
    }, new Set<number>());
    // The second of the first feature's categories, and what follows the first feature's three entries.
    expect(rows).toEqual(new Set([2, 3]));
  });

  test('a code beyond a feature’s own categories is refused, though the table goes on', () => {
    const config = { ...size, layers: 1, edges: [], categories: [2, 1], dropout: 0, hidden: 0, seed: 1 };
    const model = tokenNetwork(config);
    const check = (codes: number[]) => checkExamples({ rows: 1, inputs: { codes: Float32Array.from(codes) } }, model);
    expect(() => check([2, 1])).not.toThrow();
    expect(() => check([1, 2])).toThrow('whole numbers 0 … 1, got 2');
  });

  test('a row’s output does not depend on the others, bit for bit', () => {
    const shape = { rows: 9, numeric: 3, categories: [2] };
    const operation = tokenCase(shape);
    const alone = (row: number): OperationCase => {
      const inputs = { ...operation.inputs };
      for (const name of ['numeric', 'codes']) {
        const { shape, values } = inputs[name];
        const width = shape[1];
        const part = Array.from(values).slice(row * width, (row + 1) * width);
        inputs[name] = { ...inputs[name], shape: [1, width], values: part };
      }
      return { ...operation, inputs };
    };
    for (const backend of createBackends()) {
      const together = runCase(backend, operation).output;
      const separate = Array.from({ length: 9 }, (_, row) => runCase(backend, alone(row)).output[0]);
      expectClose(backend.name, separate, together, {});
    }
  });
});
