import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { causalConv } from './causalConv.ts';

interface ConvShape {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly taps: number;
  readonly margins?: readonly [number, number];
}

function convCase({ batch, length, channels, taps, margins = [0, 0] }: ConvShape): OperationCase {
  return {
    inputs: {
      x: { ...uniformInput('x', [batch, length, channels], 2), margins },
      weight: uniformInput('weight', [channels, 1, taps]),
      bias: uniformInput('bias', [channels]),
    },
    record: (tape, { x, weight, bias }) => causalConv(tape, x, weight, bias),
  };
}

/** An output is four products and a sigmoid; the weights' derivatives sum up to batch × length = 195 terms. */
const agreement = { absolute: 2e-6, ofLargest: 2e-6 };

describe('causalConv', () => {
  test.each([
    { batch: 2, length: 6, channels: 3, taps: 4, margins: [1, 2] as const },
    { batch: 1, length: 1, channels: 2, taps: 4 },
    { batch: 2, length: 2, channels: 2, taps: 3 },
    { batch: 1, length: 3, channels: 1, taps: 1 },
  ])('derivative of the definition: %o', (shape) => {
    expectGradient('causalConv', convCase(shape));
  });

  test.each([1, 2, 3, 4])('every backend agrees with the definition, %i taps', async (taps) => {
    for (const length of [1, 2, 3, 4, 5, 13, 65]) {
      for (const channels of [1, 2, 3, 5, 8, 26, 33, 130]) {
        const margins = channels % 2 === 1 ? ([3, 2] as const) : ([0, channels] as const);
        const shape = { batch: channels > 30 ? 1 : 3, length, channels, taps, margins };
        await expectAgreement(JSON.stringify(shape), convCase(shape), agreement);
      }
    }
  });

  test('sums of ±100 and more neither overflow nor lose the gate', async () => {
    const operation = convCase({ batch: 1, length: 4, channels: 5, taps: 4 });
    const values = Float32Array.from(operation.inputs.x.values, (value) => 200 * value);
    const extreme = { ...operation, inputs: { ...operation.inputs, x: { ...operation.inputs.x, values } } };
    await expectAgreement('±100', extreme, agreement);
  });

  test('a later position never changes an earlier output, bit for bit', () => {
    const shape = { batch: 2, length: 13, channels: 5, taps: 4 };
    for (const backend of createBackends()) {
      const before = runCase(backend, convCase(shape)).output;
      for (let t = 0; t < 13; t++) {
        const operation = convCase(shape);
        const values = Float32Array.from(operation.inputs.x.values, (value, i) => {
          return Math.floor(i / 5) === t ? value + 1 : value;
        });
        const changed = { ...operation, inputs: { ...operation.inputs, x: { ...operation.inputs.x, values } } };
        const after = runCase(backend, changed).output;
        const differing = [...before.keys()].filter((i) => before[i] !== after[i]).map((i) => Math.floor(i / 5));
        // Four taps reach the changed position and the three after it, in the first sequence only.
        const reached = [t, t + 1, t + 2, t + 3].filter((position) => position < 13);
        expect([...new Set(differing)], `${backend.name}, position ${t}`).toEqual(reached);
      }
    }
  });

  test('more taps than the kernels have are refused, not cut', () => {
    const operation = convCase({ batch: 1, length: 8, channels: 2, taps: 5 });
    for (const backend of createBackends()) {
      expect(() => runCase(backend, operation), backend.name).toThrow(ShapeError);
    }
  });
});
