import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../testing/agreement.ts';
import { createBackends } from '../testing/backends.ts';
import { expectGradient } from '../testing/centralDifference.ts';
import { numbersOf, type OperationCase, runCase, uniformInput } from '../testing/operationCase.ts';
import { createBackend } from './backend.ts';
import { ShapeError } from './errors.ts';
import { dropout } from './ops/dropout.ts';
import { linear } from './ops/linear.ts';
import { pool } from './ops/pool.ts';
import { relu } from './ops/relu.ts';
import { rmsNorm } from './ops/rmsNorm.ts';
import { sigmoid } from './ops/sigmoid.ts';
import { createTape } from './tape.ts';
import { type Tensor, viewColumns } from './tensor.ts';

const shared = {
  x: uniformInput('x', [3, 6]),
  weight: uniformInput('weight', [6, 6]),
  norm: uniformInput('norm', [6], 0.2, 1),
};
/** Few operations of a few roundings each. */
const agreement = { absolute: 1e-6, ofLargest: 1e-6 };

describe('backward', () => {
  test('adds up what several readers of a tensor give', async () => {
    const operation: OperationCase = {
      inputs: { ...shared, other: uniformInput('other', [6, 6]) },
      record(tape, { x, weight, other, norm }) {
        // x is read by three operations, a parameter by two.
        const h = linear(tape, x, weight, null, rmsNorm(tape, x, norm));
        return sigmoid(tape, linear(tape, rmsNorm(tape, x, norm), other, null, h));
      },
    };
    expectGradient('several readers', operation);
    await expectAgreement('several readers', operation, agreement);
  });

  test('adds up what views beside each other give, and a chain of residuals', async () => {
    const operation: OperationCase = {
      inputs: { ...shared, small: uniformInput('small', [6, 3]) },
      record(tape, { x, weight, small, norm }) {
        const h = linear(tape, x, weight);
        const first = linear(tape, viewColumns(h, 0, 3), small);
        const second = linear(tape, viewColumns(h, 3, 6), small, null, first);
        return linear(tape, rmsNorm(tape, second, norm), weight, null, second);
      },
    };
    expectGradient('views', operation);
    await expectAgreement('views', operation, agreement);
  });

  test('a replay replaces the derivatives of the one before', () => {
    for (const backend of createBackends()) {
      const tape = createTape(backend, true);
      const weight = tape.tensor([2, 3]);
      const x = tape.tensor([4, 3]);
      const y = linear(tape, x, weight);
      tape.record({ inputs: [y], forward() {}, backward: ([d]) => d && numbersOf(d).fill(1) });
      numbersOf(x).fill(1);
      numbersOf(weight).fill(1);
      for (let replay = 0; replay < 3; replay++) {
        tape.forward();
        tape.backward();
      }
      expect(Array.from(weight.gradient ? numbersOf(weight.gradient) : [])).toEqual(new Array(6).fill(4));
    }
  });

  test('a tensor read as a whole and through a view, or through views that overlap, is refused', () => {
    const refused = (read: (h: Tensor) => [Tensor, Tensor]): void => {
      const operation: OperationCase = {
        inputs: shared,
        record(tape, { x, weight }) {
          const h = linear(tape, x, weight);
          const [first, second] = read(h);
          const [a, b] = [first, second].map((part) => {
            return linear(tape, part, tape.tensor([2, part.shape[1]]));
          });
          return linear(tape, a, tape.tensor([2, 2]), null, b);
        },
      };
      expect(() => runCase(createBackend('reference'), operation)).toThrow(ShapeError);
    };
    refused((h) => [h, viewColumns(h, 0, 3)]);
    refused((h) => [viewColumns(h, 3, 6), h]);
    refused((h) => [viewColumns(h, 0, 4), viewColumns(h, 3, 6)]);
    refused((h) => [viewColumns(h, 0, 2), viewColumns(h, 0, 3)]);
  });
});

test('operations that need contiguous tensors refuse column views', () => {
  const key = { rate: 0.5, seed: 1, site: 0 };
  const backend = createBackend('simd');
  const tape = createTape(backend, true);
  const view = viewColumns(tape.tensor([3, 4]), 1, 3);
  const sequence = viewColumns(tape.tensor([2, 3, 4]), 1, 3);
  expect(() => relu(tape, view)).toThrow(ShapeError);
  expect(() => sigmoid(tape, view)).toThrow(ShapeError);
  expect(() => dropout(tape, view, key)).toThrow(ShapeError);
  expect(() => pool(tape, sequence)).toThrow(ShapeError);
});
