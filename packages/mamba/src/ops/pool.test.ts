import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { type Pooling, pool } from './pool.ts';

const poolings: readonly Pooling[] = ['mean', 'first', 'last'];

/** Sequences of 1 … length positions, the first of them full. */
function unequalLengths(batch: number, length: number): CaseInput {
  const values = Float32Array.from({ length: batch }, (_, b) => length - ((b * 7) % length));
  return { shape: [batch, 1], values, differentiable: false };
}

function poolCase(pooling: Pooling, shape: readonly [number, number, number], padded: boolean): OperationCase {
  const x = uniformInput('x', shape, 2);
  return {
    inputs: padded ? { x, lengths: unequalLengths(shape[0], shape[1]) } : { x },
    record: (tape, { x, lengths }) => pool(tape, x, pooling, lengths),
  };
}

/** The documented accuracy; sums of up to 200 terms below 2 round by less than 200·2⁻²⁴ of a few units. */
const agreement = { absolute: 1e-6, ofLargest: 1e-6 };

describe.each(poolings)('pool: %s', (pooling) => {
  test.each([false, true])('derivative of the definition, padded: %o', (padded) => {
    expectGradient('pool', poolCase(pooling, [3, 5, 3], padded));
  });

  test('every backend agrees with the definition', async () => {
    for (const batch of [1, 3]) {
      for (const length of [1, 2, 3, 13, 200]) {
        for (const width of [1, 2, 3, 5, 8, 13, 33, 130]) {
          for (const padded of [false, true]) {
            const label = `${batch} × ${length} × ${width}, padded: ${padded}`;
            await expectAgreement(label, poolCase(pooling, [batch, length, width], padded), agreement);
          }
        }
      }
    }
  });

  test('a padded sequence gives what it gives alone, bit for bit, and padding gets no derivative', () => {
    const [batch, length, width] = [4, 6, 5];
    const operation = poolCase(pooling, [batch, length, width], true);
    const { x, lengths } = operation.inputs;
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      for (let b = 0; b < batch; b++) {
        const valid = lengths.values[b];
        const first = b * length * width;
        const values = Array.from(x.values).slice(first, first + valid * width);
        const alone = poolCase(pooling, [1, valid, width], false);
        const { output: expected } = runCase(backend, {
          ...alone,
          inputs: { x: { shape: [1, valid, width], values } },
        });
        expect(output.slice(b * width, (b + 1) * width), `${backend.name}, ${valid} positions`).toEqual(expected);
        const beyond = gradients.x.slice(first + valid * width, (b + 1) * length * width);
        expect(beyond, backend.name).toEqual(new Float64Array((length - valid) * width));
      }
    }
  });
});

test('lengths of another number of rows are refused', () => {
  const operation = poolCase('mean', [3, 5, 2], false);
  const inputs = { ...operation.inputs, lengths: unequalLengths(2, 5) };
  expect(() => runCase(createBackends()[0], { ...operation, inputs })).toThrow(ShapeError);
});
