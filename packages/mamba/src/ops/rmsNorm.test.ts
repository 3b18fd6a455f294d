import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { goldenTensor } from '../golden/inputs.ts';
import { rmsNorm, rmsNormEpsilon } from './rmsNorm.ts';

function normCase(rows: number, width: number, margins: readonly [number, number] = [0, 0], scale = 2): OperationCase {
  return {
    inputs: {
      x: { ...uniformInput('x', [rows, width], scale), margins },
      weight: uniformInput('weight', [width], 0.5, 1),
    },
    record: (tape, { x, weight }) => rmsNorm(tape, x, weight),
  };
}

/**
 * A row is a few roundings away from the definition; the weight's derivative sums up to 37 rows. In narrow rows the
 * derivative by x is a difference of nearly equal numbers, each of the size of 1 / rms, here up to 50.
 */
const agreement = { absolute: 5e-6, ofLargest: 1e-6 };

describe('rmsNorm', () => {
  test.each([1, 2, 5])('derivative of the definition, width %i', (width) => {
    expectGradient('rmsNorm', normCase(3, width, [1, 2]));
  });

  test.each([1, 3, 4, 5, 37])('every backend agrees with the definition, %i rows', async (rows) => {
    for (const width of [1, 2, 3, 5, 8, 13, 26, 33, 64, 130]) {
      for (const margins of [[0, 0] as const, [3, 2] as const]) {
        await expectAgreement(`${rows} × ${width}, margins ${margins}`, normCase(rows, width, margins), agreement);
      }
    }
  });

  test('rows of zeros stay zeros, with the derivative that ε leaves', async () => {
    const operation = normCase(3, 5, [0, 0], 0);
    const cotangent = goldenTensor('cotangent', [3, 5]);
    const { weight } = operation.inputs;
    const derivative = cotangent.map((value, i) => (value * weight.values[i % 5]) / Math.sqrt(rmsNormEpsilon));
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expect(
        output.every((value) => value === 0),
        backend.name,
      ).toBe(true);
      // A few float32 roundings.
      expectClose(backend.name, gradients.x, derivative, { relative: 1e-6 });
    }
    await expectAgreement('zeros', operation, agreement);
  });

  test.each([1e-6, 1e6])('magnitude %f', async (scale) => {
    await expectAgreement(`scale ${scale}`, normCase(3, 13, [0, 0], scale), agreement);
  });

  test('a NaN spoils its own row and no other', () => {
    const operation = normCase(4, 5);
    const values = Float32Array.from(operation.inputs.x.values);
    values[7] = Number.NaN;
    const spoilt = { ...operation, inputs: { ...operation.inputs, x: { shape: [4, 5], values } } };
    for (const backend of createBackends()) {
      const { output } = runCase(backend, spoilt);
      expect(Array.from(output, Number.isNaN)).toEqual(Array.from(output, (_, i) => Math.floor(i / 5) === 1));
    }
  });
});
