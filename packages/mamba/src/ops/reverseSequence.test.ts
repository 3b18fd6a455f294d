import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { reverseSequence } from './reverseSequence.ts';

interface ReverseShape {
  readonly shape: readonly [number, number, number];
  readonly padded: boolean;
  readonly residual?: boolean;
  readonly times?: number;
}

function reverseCase({ shape, padded, residual = false, times = 1 }: ReverseShape): OperationCase {
  const [batch, length] = shape;
  const inputs: Record<string, CaseInput> = { x: { ...uniformInput('x', shape, 2), margins: [1, 2] } };
  if (padded) {
    const values = Float32Array.from({ length: batch }, (_, b) => length - ((b * 7) % length));
    inputs.lengths = { shape: [batch, 1], values, differentiable: false };
  }
  if (residual) inputs.residual = uniformInput('residual', shape);
  return {
    inputs,
    record(tape, { x, lengths, residual }) {
      let y = x;
      for (let i = 0; i < times; i++) y = reverseSequence(tape, y, lengths, residual);
      return y;
    },
  };
}

describe('reverseSequence', () => {
  test.each([
    { shape: [2, 5, 3], padded: false },
    { shape: [3, 5, 3], padded: true },
    { shape: [3, 4, 2], padded: true, residual: true },
  ] as const)('derivative of the definition: %o', (shape) => {
    expectGradient('reverseSequence', reverseCase(shape));
  });

  test('every backend agrees with the definition', async () => {
    for (const batch of [1, 3]) {
      for (const length of [1, 2, 13, 100]) {
        for (const width of [1, 3, 4, 5, 13, 130]) {
          for (const padded of [false, true]) {
            for (const residual of [false, true]) {
              const shape = { shape: [batch, length, width], padded, residual } as const;
              // One addition of numbers below 4 at most, here and of the derivative that is added to.
              await expectAgreement(JSON.stringify(shape), reverseCase(shape), { absolute: 5e-7 });
            }
          }
        }
      }
    }
  });

  test('values by hand: three and two of four positions', () => {
    const operation = reverseCase({ shape: [2, 4, 1], padded: true });
    const inputs = {
      x: { shape: [2, 4, 1], values: [1, 2, 3, 4, 5, 6, 7, 8] },
      lengths: { shape: [2, 1], values: [3, 2], differentiable: false },
    };
    for (const backend of createBackends()) {
      const { output } = runCase(backend, { ...operation, inputs });
      expect(Array.from(output), backend.name).toEqual([3, 2, 1, 4, 6, 5, 7, 8]);
    }
  });

  test('it is its own inverse, bit for bit, padding and derivatives included', () => {
    const shape = { shape: [5, 7, 5], padded: true } as const;
    const operation = reverseCase({ ...shape, times: 2 });
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expect(output, backend.name).toEqual(Float64Array.from(operation.inputs.x.values));
      expect(gradients.x, backend.name).toEqual(Float64Array.from(uniformInput('cotangent', shape.shape).values));
    }
  });

  test('lengths and residuals of another shape are refused, and x as its own residual', () => {
    const [backend] = createBackends();
    const operation = reverseCase({ shape: [3, 4, 2], padded: true, residual: true });
    for (const name of ['lengths', 'residual']) {
      const inputs = { ...operation.inputs, [name]: uniformInput(name, [2, 1]) };
      expect(() => runCase(backend, { ...operation, inputs }), name).toThrow(ShapeError);
    }
    const own: OperationCase = { ...operation, record: (tape, { x }) => reverseSequence(tape, x, null, x) };
    expect(() => runCase(backend, own)).toThrow(ShapeError);
  });
});
