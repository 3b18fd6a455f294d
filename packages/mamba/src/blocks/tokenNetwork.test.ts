import { describe, expect, test } from 'vitest';
import { expectClose } from '../expectClose.ts';
import { createBackends, expectAgreement } from '../ops/agreement.ts';
import { expectGradient } from '../ops/centralDifference.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../ops/operationCase.ts';
import { modelCase, predictCase } from './networkCase.ts';
import { categoryOffsets, tokenNetwork } from './tokenNetwork.ts';

const size = { dModel: 3, dState: 2, dConv: 4, expand: 2, layers: 2 };

interface TokenShape {
  readonly rows: number;
  readonly numeric: number;
  readonly categories: readonly number[];
  readonly dropout?: number;
  readonly hidden?: number;
  readonly bidirectional?: boolean;
}

/** Rows with some values missing and some categories missing. */
function tokenCase(shape: TokenShape): OperationCase {
  const { rows, numeric, categories, dropout = 0, hidden = 0, bidirectional = false } = shape;
  const edges = Array.from({ length: numeric }, (_, f) => Float32Array.of(-1, -0.25 * f, 0.5, 1));
  const inputs: Record<string, CaseInput> = {};
  if (numeric > 0) {
    const { shape, values } = uniformInput('numeric', [rows, numeric], 1.2);
    inputs.numeric = { shape, values: Float32Array.from(values, (value, i) => (i % 4 === 1 ? Number.NaN : value)) };
  }
  if (categories.length > 0) {
    const offsets = categoryOffsets(categories);
    // Each code from 0, a missing value, to the feature's last category.
    const codes = Float32Array.from({ length: rows * categories.length }, (_, i) => {
      const k = i % categories.length;
      return offsets[k] + (Math.floor(i / categories.length) % (categories[k] + 1));
    });
    inputs.codes = { shape: [rows, categories.length], values: codes };
  }
  const model = tokenNetwork({ ...size, edges, categories, dropout, hidden, seed: 3, bidirectional });
  const operation = modelCase(model, inputs);
  return { ...operation, moment: { step: 2, firstRow: 0, batchRows: rows } };
}

/** One feature a token, so lengths 1, 2 and 13. */
const shapes = [
  { rows: 3, numeric: 1, categories: [] },
  { rows: 3, numeric: 0, categories: [2] },
  { rows: 4, numeric: 1, categories: [2] },
  { rows: 2, numeric: 10, categories: [2, 1, 3] },
  { rows: 3, numeric: 2, categories: [2], bidirectional: true },
];

/** As for a stack, see mamba.test.ts. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('tokenNetwork', () => {
  test.each(shapes)('derivative by every parameter: %o', (shape) => {
    expectGradient('tokenNetwork', tokenCase(shape), 25);
  });

  test('derivative through dropout and hidden values', () => {
    const shape = { rows: 6, numeric: 2, categories: [2], dropout: 0.4, hidden: 0.3 };
    expectGradient('tokenNetwork', tokenCase(shape), 25);
    expectAgreement(createBackends(), 'tokenNetwork', tokenCase(shape), agreement);
  });

  test.each(shapes)('every backend agrees with the definition: %o', (shape) => {
    expectAgreement(createBackends(), 'tokenNetwork', tokenCase(shape), agreement);
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

  test('offsets leave one row for a missing value before each feature’s categories', () => {
    expect(categoryOffsets([12, 2, 5])).toEqual([0, 13, 16]);
    expect(categoryOffsets([])).toEqual([]);
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
