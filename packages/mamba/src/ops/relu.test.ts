import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { relu } from './relu.ts';

const reluCase = (shape: readonly number[]): OperationCase => ({
  inputs: { x: uniformInput('x', shape, 2) },
  record: (tape, { x }) => relu(tape, x),
});

describe('relu', () => {
  test('derivative of the definition', () => {
    expectGradient('relu', reluCase([3, 5]));
  });

  test('every backend agrees with the definition', async () => {
    for (const rows of [1, 3, 4, 5, 37]) {
      for (const width of [1, 2, 3, 5, 8, 13, 130]) {
        // Exact, but for the rounding of a sum where the derivative is added.
        await expectAgreement(`${rows} × ${width}`, reluCase([rows, width]), { absolute: 2e-7 });
      }
    }
  });

  test('zeros, infinities and NaN', () => {
    const values = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2 ** -126, -(2 ** -126)];
    const operation = { ...reluCase([7]), inputs: { x: { shape: [7], values } } };
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expect(Array.from(output, (value) => value + 0)).toEqual(values.map((value) => Math.max(value, 0) + 0));
      // The slope at 0 is 0, as in PyTorch.
      expect(Array.from(gradients.x, (value) => value !== 0)).toEqual([false, false, true, false, false, true, false]);
    }
  });
});
