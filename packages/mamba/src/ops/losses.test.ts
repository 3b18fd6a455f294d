import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { SettingError, ShapeError } from '../errors.ts';
import { type Loss, predictionColumns, recordLoss } from './losses.ts';

/** Real numbers, or classes of which every fifth is left out. */
function targetInput(loss: Loss, rows: number): CaseInput {
  if (typeof loss === 'string' || loss.kind !== 'crossEntropy') return uniformInput('target', [rows, 1], 0.5);
  return {
    shape: [rows, 1],
    values: Float32Array.from({ length: rows }, (_, r) => (r % 5 === 4 ? -1 : r % loss.classes)),
  };
}

function lossCase(loss: Loss, rows: number, batchRows = rows): OperationCase {
  return {
    inputs: {
      prediction: uniformInput('prediction', [rows, predictionColumns(loss)], 3),
      target: { ...targetInput(loss, rows), differentiable: false },
    },
    context: { batchRows },
    record: (tape, { prediction, target }) => recordLoss(tape, loss, prediction, target),
  };
}

/** The case on given numbers. */
function given(loss: Loss, prediction: readonly number[], target: readonly number[]): OperationCase {
  const rows = target.length;
  return {
    ...lossCase(loss, rows),
    inputs: {
      prediction: { shape: [rows, predictionColumns(loss)], values: prediction },
      target: { shape: [rows, 1], values: target, differentiable: false },
    },
  };
}

const losses: readonly Loss[] = [
  'meanSquaredError',
  'huber',
  { kind: 'huber', delta: 0.25 },
  { kind: 'gaussian' },
  { kind: 'quantiles', levels: [0.5] },
  { kind: 'quantiles', levels: [0.05, 0.25, 0.5, 0.75, 0.95] },
  { kind: 'crossEntropy', classes: 7 },
];

describe.each(losses)('%o', (loss) => {
  test('derivative of the definition', () => {
    expectGradient('loss', lossCase(loss, 9, 20));
  });

  test('every backend agrees with the definition', async () => {
    for (const rows of [1, 3, 4, 5, 37, 256]) {
      // Sums are in float64; what is left is the rounding of the result, below 150 (a variance of e⁻³), and of the
      // derivative that is added to.
      const agreement = { absolute: 1e-6, ofLargest: 1e-7 };
      await expectAgreement(`${rows} rows`, lossCase(loss, rows, 2 * rows), agreement);
    }
  });

  test('a part of a batch is divided by the rows of the whole', () => {
    for (const backend of createBackends()) {
      const [alone] = runCase(backend, lossCase(loss, 8)).output;
      const [part] = runCase(backend, lossCase(loss, 8, 32)).output;
      // A quarter is exact in float32 too.
      expect(part, backend.name).toBe(alone / 4);
    }
  });

  test('a NaN prediction gives a NaN loss and a NaN derivative', () => {
    const operation = lossCase(loss, 4);
    const { shape, values } = operation.inputs.prediction;
    const prediction = { shape, values: Float32Array.from(values, (value, i) => (i === 1 ? Number.NaN : value)) };
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, { ...operation, inputs: { ...operation.inputs, prediction } });
      expect(output[0], backend.name).toBeNaN();
      expect(gradients.prediction[1], backend.name).toBeNaN();
    }
  });

  test('predictions and targets of another shape are refused', () => {
    const { inputs, ...operation } = lossCase(loss, 4);
    const [backend] = createBackends();
    for (const name of ['prediction', 'target']) {
      for (const shape of [
        [3, inputs[name].shape[1]],
        [4, inputs[name].shape[1] + 1],
      ]) {
        const changed = { ...inputs, [name]: uniformInput(name, shape) };
        expect(() => runCase(backend, { ...operation, inputs: changed }), `${name} ${shape}`).toThrow(ShapeError);
      }
    }
  });
});

describe('values by hand', () => {
  // Errors 0, 0.5, −4, 1.
  const prediction = [1, 0.5, -3, 2];
  const target = [1, 0, 1, 1];

  test.each([
    ['meanSquaredError', (0.25 + 16 + 1) / 4, [0, 0.25, -2, 0.5]],
    ['huber', (0.125 + 3.5 + 0.5) / 4, [0, 0.125, -0.25, 0.25]],
    [{ kind: 'huber', delta: 2 }, (0.125 + 6 + 0.5) / 4, [0, 0.125, -0.5, 0.25]],
    [{ kind: 'quantiles', levels: [0.25] }, (0.375 + 1 + 0.75) / 4, [0, 0.1875, -0.0625, 0.1875]],
  ] as const)('%o', (loss, value, slopes) => {
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, given(loss, prediction, target));
      expect(Array.from(output), backend.name).toEqual([value]);
      expect(Array.from(gradients.prediction), backend.name).toEqual(slopes);
    }
  });

  test('a Gaussian of variance 4, two off, and the standard one, met', () => {
    const operation = given({ kind: 'gaussian' }, [3, Math.fround(Math.log(4)), 0, 0], [1, 0]);
    const constant = Math.log(2 * Math.PI) / 2;
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      // ln σ + (2/2)²/2; float32 rounds the logarithm and the results.
      expectClose(backend.name, output, [(2 * constant + Math.log(2) + 0.5) / 2], { relative: 1e-7 });
      expectClose(backend.name, gradients.prediction, [0.25, 0, 0, 0.25], { absolute: 1e-7 });
    }
  });
});

describe('crossEntropy', () => {
  test('equal logits cost ln classes; a row left out costs and moves nothing', () => {
    const operation = given({ kind: 'crossEntropy', classes: 4 }, [3, 3, 3, 3, 1, 2, 3, Number.NaN], [2, -1]);
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expectClose(backend.name, output, [Math.log(4) / 2], { relative: 1e-7 });
      expectClose(backend.name, gradients.prediction, [0.125, 0.125, -0.375, 0.125, 0, 0, 0, 0], { absolute: 1e-7 });
    }
  });

  test('logits far apart neither overflow nor vanish', () => {
    const operation = given({ kind: 'crossEntropy', classes: 2 }, [1000, -1000, 1000, -1000], [0, 1]);
    for (const backend of createBackends()) {
      const { output, gradients } = runCase(backend, operation);
      expect(Array.from(output), backend.name).toEqual([1000]);
      expect(Array.from(gradients.prediction), backend.name).toEqual([0, 0, 0.5, -0.5]);
    }
  });
});

test('settings out of range are refused', () => {
  for (const delta of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => predictionColumns({ kind: 'huber', delta }), `${delta}`).toThrow(SettingError);
  }
  for (const classes of [0, 1.5, Number.NaN]) {
    expect(() => predictionColumns({ kind: 'crossEntropy', classes }), `${classes}`).toThrow(SettingError);
  }
  for (const levels of [[], [0], [0.5, 1], [Number.NaN]]) {
    expect(() => predictionColumns({ kind: 'quantiles', levels }), `${levels}`).toThrow(SettingError);
  }
});
