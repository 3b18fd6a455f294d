import { describe, expect, test } from 'vitest';
import { ShapeError } from '../errors.ts';
import { createBackends, expectAgreement } from './agreement.ts';
import { expectGradient } from './centralDifference.ts';
import { type LossName, recordLoss } from './losses.ts';
import { type OperationCase, runCase, uniformInput } from './operationCase.ts';

function lossCase(name: LossName, rows: number, batchRows = rows): OperationCase {
  return {
    inputs: {
      prediction: uniformInput('prediction', [rows, 1], 3),
      target: { ...uniformInput('target', [rows, 1], 0.5), differentiable: false },
    },
    moment: { batchRows },
    record: (tape, { prediction, target }) => recordLoss(tape, name, prediction, target),
  };
}

describe.each(['meanSquaredError', 'huber'] as const)('%s', (name) => {
  test('derivative of the definition', () => {
    expectGradient(name, lossCase(name, 9, 20));
  });

  test('every backend agrees with the definition', () => {
    const backends = createBackends();
    for (const rows of [1, 3, 4, 5, 37, 256]) {
      // Sums are in float64; what is left is the rounding of the result, below 13, and of the added derivative.
      expectAgreement(backends, `${rows} rows`, lossCase(name, rows, 2 * rows), { absolute: 1e-6 });
    }
  });

  test('a part of a batch is divided by the rows of the whole', () => {
    for (const backend of createBackends()) {
      const [alone] = runCase(backend, lossCase(name, 8)).output;
      const [part] = runCase(backend, lossCase(name, 8, 32)).output;
      // A quarter is exact in float32 too.
      expect(part, backend.name).toBe(alone / 4);
    }
  });

  test('values by hand', () => {
    const operation: OperationCase = {
      ...lossCase(name, 4),
      inputs: {
        prediction: { shape: [4, 1], values: [1, 0.5, -3, 2] },
        target: { shape: [4, 1], values: [1, 0, 1, 1], differentiable: false },
      },
    };
    // Errors 0, 0.5, −4, 1.
    const loss = name === 'huber' ? (0.125 + 3.5 + 0.5) / 4 : (0.25 + 16 + 1) / 4;
    const slopes = name === 'huber' ? [0, 0.125, -0.25, 0.25] : [0, 0.25, -2, 0.5];
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expect(Array.from(output), backend.name).toEqual([loss]);
      expect(Array.from(gradients.prediction), backend.name).toEqual(slopes);
    }
  });

  test('a NaN prediction gives a NaN loss', () => {
    const operation = lossCase(name, 4);
    const prediction = { shape: [4, 1], values: [1, Number.NaN, 0, 0] };
    for (const backend of createBackends()) {
      const inputs = { ...operation.inputs, prediction };
      expect(runCase(backend, { ...operation, inputs }).output[0], backend.name).toBeNaN();
    }
  });

  test('targets of another shape are refused', () => {
    const operation = lossCase(name, 4);
    const inputs = { ...operation.inputs, target: uniformInput('target', [3, 1]) };
    expect(() => runCase(createBackends()[0], { ...operation, inputs })).toThrow(ShapeError);
  });
});
