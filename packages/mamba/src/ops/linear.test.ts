import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { linear } from './linear.ts';

interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly margins?: readonly [number, number];
}

function linearCase({ rows, inputs, outputs, bias, residual, margins = [0, 0] }: LinearShape): OperationCase {
  return {
    inputs: {
      x: { ...uniformInput('x', [rows, inputs]), margins },
      weight: uniformInput('weight', [outputs, inputs]),
      ...(bias ? { bias: uniformInput('bias', [outputs]) } : {}),
      ...(residual ? { residual: { ...uniformInput('residual', [rows, outputs]), margins } } : {}),
    },
    record: (tape, { x, weight, bias, residual }) => linear(tape, x, weight, bias ?? null, residual ?? null),
  };
}

/** Each result is a sum of `terms` products below 1; every addition rounds by up to 2⁻²⁴ of a sum of a few √terms. */
const sumOf = (terms: number) => ({ absolute: 1e-6 + 1e-7 * terms });

const widths = [1, 2, 3, 5, 8, 13, 26, 33, 64, 130];

describe('linear', () => {
  test.each([
    { rows: 3, inputs: 5, outputs: 4 },
    { rows: 4, inputs: 3, outputs: 5, bias: true },
    { rows: 5, inputs: 4, outputs: 3, bias: true, residual: true, margins: [2, 1] as const },
  ])('derivative of the definition: %o', (shape) => {
    expectGradient('linear', linearCase(shape));
  });

  test.each([1, 3, 4, 5, 37])('every backend agrees with the definition, %i rows', async (rows) => {
    for (const inputs of widths) {
      for (const outputs of widths) {
        // Every other shape with a bias, every third with a residual, so that all pairings occur.
        const bias = (inputs + outputs) % 2 === 0;
        const residual = (inputs + 2 * outputs) % 3 === 0;
        const margins = inputs % 2 === 1 ? ([3, 2] as const) : ([0, 0] as const);
        const label = `${rows} × ${inputs} → ${outputs}${bias ? ', bias' : ''}${residual ? ', residual' : ''}`;
        const operation = linearCase({ rows, inputs, outputs, bias, residual, margins });
        await expectAgreement(label, operation, sumOf(Math.max(rows, inputs, outputs)));
      }
    }
  });

  // Beyond the 512 terms that a kernel takes at once.
  test.each([
    { rows: 5, inputs: 1025, outputs: 9, bias: true, residual: true },
    { rows: 5, inputs: 9, outputs: 600, bias: true },
    { rows: 1100, inputs: 9, outputs: 5, bias: true, margins: [1, 1] as const },
  ])('sums longer than a panel: %o', async (shape) => {
    const terms = Math.max(shape.rows, shape.inputs, shape.outputs);
    await expectAgreement('linear', linearCase(shape), sumOf(terms));
  });

  test('leading dimensions are rows', async () => {
    const operation: OperationCase = {
      inputs: { x: uniformInput('x', [2, 3, 5]), weight: uniformInput('weight', [4, 5]) },
      record: (tape, { x, weight }) => linear(tape, x, weight),
    };
    await expectAgreement('linear', operation, sumOf(6));
  });

  test('a NaN spoils its own row and no other', () => {
    const operation = linearCase({ rows: 6, inputs: 13, outputs: 9, bias: true });
    const x = Float32Array.from(operation.inputs.x.values);
    x[2 * 13 + 12] = Number.NaN;
    const spoilt = { ...operation, inputs: { ...operation.inputs, x: { shape: [6, 13], values: x } } };
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, spoilt);
      const nanRows = [0, 1, 2, 3, 4, 5].filter((r) => output.subarray(r * 9, r * 9 + 9).some(Number.isNaN));
      expect(nanRows, backend.name).toEqual([2]);
      expect(output.subarray(2 * 9, 3 * 9).every(Number.isNaN), backend.name).toBe(true);
      // By the weights of that input only.
      gradients.weight.forEach((value, i) => {
        expect(Number.isNaN(value), `${backend.name} ${i}`).toBe(i % 13 === 12);
      });
    }
  });

  test('x as its own residual is refused: the derivative would be read while it is written', () => {
    const operation: OperationCase = {
      inputs: { x: uniformInput('x', [3, 4]), weight: uniformInput('weight', [4, 4]) },
      record: (tape, { x, weight }) => linear(tape, x, weight, null, x),
    };
    for (const backend of createBackends()) {
      expect(() => runCase(backend, operation), backend.name).toThrow(/another tensor than x/);
    }
  });

  test('wrong shapes are refused', () => {
    const [reference] = createBackends();
    const wrong = (name: string, shape: readonly number[]): OperationCase => {
      const operation = linearCase({ rows: 3, inputs: 5, outputs: 4, bias: true, residual: true });
      return { ...operation, inputs: { ...operation.inputs, [name]: uniformInput(name, shape) } };
    };
    for (const [name, shape] of [
      ['x', [3, 4]],
      ['bias', [5]],
      ['residual', [3, 5]],
    ] as const) {
      expect(() => runCase(reference, wrong(name, shape)), name).toThrow(/linear.*expected/);
    }
  });
});
