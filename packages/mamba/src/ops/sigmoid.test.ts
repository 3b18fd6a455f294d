import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { sigmoid } from './sigmoid.ts';

const sigmoidCase = (shape: readonly number[], scale: number, reach = 4): OperationCase => ({
  inputs: { x: uniformInput('x', shape, reach) },
  record: (tape, { x }) => sigmoid(tape, x, scale),
});

describe('sigmoid', () => {
  test.each([1, 100])('derivative of the definition, scale %i', (scale) => {
    expectGradient('sigmoid', sigmoidCase([3, 5], scale));
  });

  test('every backend agrees with the definition', async () => {
    for (const scale of [1, 100]) {
      for (const rows of [1, 3, 4, 5, 37]) {
        for (const width of [1, 2, 3, 5, 8, 13, 130]) {
          // The documented accuracy; the derivative comes from the output, whose error it inherits.
          const agreement = { absolute: 1e-6 * scale };
          await expectAgreement(`${rows} × ${width}`, sigmoidCase([rows, width], scale), agreement);
        }
      }
    }
  });

  test('far out it saturates, without overflow', async () => {
    await expectAgreement('±200', sigmoidCase([5, 13], 1, 200), { absolute: 1e-6 });
  });

  test('relative accuracy over [−87, 87]', () => {
    const count = 2001;
    const values = Float32Array.from({ length: count }, (_, i) => (87 * (i - 1000)) / 1000);
    const operation = { ...sigmoidCase([count], 1), inputs: { x: { shape: [count], values } } };
    for (const backend of createBackends()) {
      runCase(backend, operation).output.forEach((value, i) => {
        // 1 + 2^x rounds twice; for negative x the exponential costs the rounding of its argument.
        const allowed = 3e-7 + Math.max(0, -values[i]) * 2 ** -23;
        const expected = 1 / (1 + Math.exp(-values[i]));
        expect(Math.abs(value / expected - 1), `${backend.name}: ${values[i]}`).toBeLessThan(allowed);
      });
    }
  });

  test('limits and NaN', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    const operation = { ...sigmoidCase([4], 100), inputs: { x: { shape: [4], values } } };
    for (const backend of createBackends()) {
      const [atNaN, above, below, middle] = runCase(backend, operation).output;
      expect(atNaN).toBeNaN();
      expect([above, middle]).toEqual([100, 50]);
      // The kernels' exponential ends at 2^126 instead of infinity.
      expect(below).toBeLessThan(2e-36);
    }
  });
});
