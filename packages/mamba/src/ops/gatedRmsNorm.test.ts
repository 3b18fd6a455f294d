import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { gatedRmsNorm } from './gatedRmsNorm.ts';
import { rmsNorm } from './rmsNorm.ts';

interface NormShape {
  readonly rows: number;
  readonly width: number;
  readonly groups: number;
  readonly margins?: readonly [number, number];
  readonly scale?: number;
  readonly gateScale?: number;
}

function normCase({ rows, width, groups, margins = [0, 0], scale = 2, gateScale = 3 }: NormShape): OperationCase {
  return {
    inputs: {
      y: { ...uniformInput('y', [rows, width], scale), margins: [margins[1], 0] },
      z: { ...uniformInput('z', [rows, width], gateScale), margins },
      weight: uniformInput('weight', [width], 0.5, 1),
    },
    record: (tape, { y, z, weight }) => gatedRmsNorm(tape, y, z, weight, groups),
  };
}

/** Only these columns of an input's last dimension. */
function columns({ shape, values }: CaseInput, from: number, to: number): CaseInput {
  const width = shape[shape.length - 1];
  const kept = Float32Array.from(values).filter((_, i) => i % width >= from && i % width < to);
  return { shape: [...shape.slice(0, -1), to - from], values: kept };
}

/**
 * As rmsNorm's: the derivatives by y and z are differences of nearly equal numbers in narrow groups, each of the size of
 * 1 / rms, here up to 100; the weight's derivative sums up to 37 rows.
 */
const agreement = { absolute: 1e-5, ofLargest: 1e-6 };

describe('gatedRmsNorm', () => {
  test.each([
    [1, 1],
    [2, 1],
    [5, 1],
    [2, 2],
    [6, 2],
    [12, 3],
  ])('derivative of the definition, width %i in %i groups', (width, groups) => {
    expectGradient('gatedRmsNorm', normCase({ rows: 3, width, groups, margins: [1, 2] }));
  });

  test.each([1, 3, 4, 37])('every backend agrees with the definition, %i rows', async (rows) => {
    for (const width of [1, 2, 3, 5, 8, 13, 26, 33, 64, 130]) {
      for (const groups of [1, 2, 3]) {
        for (const margins of [[0, 0] as const, [3, 2] as const]) {
          const shape = { rows, width: width * groups, groups, margins };
          await expectAgreement(JSON.stringify(shape), normCase(shape), agreement);
        }
      }
    }
  });

  test('each group is the operation on its columns, bit for bit', () => {
    const operation = normCase({ rows: 5, width: 24, groups: 3 });
    for (const backend of createBackends()) {
      const { output } = runCase(backend, operation);
      for (let g = 0; g < 3; g++) {
        const part = Object.entries(operation.inputs).map(([name, input]) => [name, columns(input, 8 * g, 8 * g + 8)]);
        const alone: OperationCase = {
          inputs: Object.fromEntries(part),
          record: (tape, { y, z, weight }) => gatedRmsNorm(tape, y, z, weight, 1),
        };
        const found = output.filter((_, i) => Math.floor((i % 24) / 8) === g);
        expect(found, `${backend.name}, group ${g}`).toEqual(runCase(backend, alone).output);
      }
    }
  });

  test('an open gate leaves rmsNorm of y', () => {
    // silu(50) = 50 to 1e-20, and ε is far below the mean square.
    const [rows, width, gate] = [4, 13, 50];
    const operation = normCase({ rows, width, groups: 1 });
    const open = { shape: [rows, width], values: new Float32Array(rows * width).fill(gate) };
    const plain: OperationCase = {
      inputs: { x: uniformInput('y', [rows, width], 2), weight: operation.inputs.weight },
      record: (tape, { x, weight }) => rmsNorm(tape, x, weight),
    };
    for (const backend of createBackends()) {
      const expected = runCase(backend, plain).output;
      const { output } = runCase(backend, { ...operation, inputs: { ...operation.inputs, z: open } });
      // ε / mean square, which is above 0.5, is what the gate makes smaller.
      expectClose(backend.name, output, expected, { relative: 2e-5 });
    }
  });

  test.each([
    { scale: 0, gateScale: 3 },
    { scale: 2, gateScale: 0 },
    { scale: 1e-6, gateScale: 3 },
    { scale: 1e6, gateScale: 3 },
    { scale: 2, gateScale: 1000 },
  ])('magnitudes %o', async (magnitudes) => {
    const operation = normCase({ rows: 3, width: 26, groups: 2, ...magnitudes });
    await expectAgreement(JSON.stringify(magnitudes), operation, agreement);
  });

  test('a NaN spoils its own group and no other', () => {
    const operation = normCase({ rows: 4, width: 10, groups: 2 });
    for (const name of ['y', 'z']) {
      const { shape, values } = operation.inputs[name];
      const spoilt = { shape, values: Float32Array.from(values, (value, i) => (i === 17 ? Number.NaN : value)) };
      for (const backend of createBackends()) {
        const { output } = runCase(backend, { ...operation, inputs: { ...operation.inputs, [name]: spoilt } });
        const expected = Array.from(output, (_, i) => Math.floor(i / 5) === 3);
        expect(Array.from(output, Number.isNaN), `${backend.name} ${name}`).toEqual(expected);
      }
    }
  });

  test('groups that do not divide the width are refused', () => {
    const [backend] = createBackends();
    for (const groups of [0, 1.5, 4, 12]) {
      expect(() => runCase(backend, normCase({ rows: 2, width: 6, groups }))).toThrow(ShapeError);
    }
  });
});
