import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { createBackend } from '../backend.ts';
import { createTape } from '../tape.ts';
import { type DropoutKey, dropout } from './dropout.ts';

function dropoutCase(shape: readonly number[], key: Partial<DropoutKey> = {}, step = 3, firstRow = 0): OperationCase {
  return {
    inputs: { x: uniformInput('x', shape, 2) },
    context: { step, firstRow, batchRows: shape[0] },
    record: (tape, { x }) => dropout(tape, x, { rate: 0.3, seed: 5, site: 0, ...key }),
  };
}

/** Which elements a case keeps; no input is 0. */
const maskOf = (output: Float64Array): string => Array.from(output, (value) => (value === 0 ? 0 : 1)).join('');

describe('dropout', () => {
  test('derivative of the definition', () => {
    expectGradient('dropout', dropoutCase([5, 7]));
  });

  test.each([0, 1, 7, 0xffffffff, 2 ** 32, 2 ** 32 + 1, 2 ** 40 + 12345, 2 ** 53 - 1])(
    'every backend draws the definition’s mask, bit for bit, seed %i',
    async (seed) => {
      const [reference, ...others] = createBackends();
      for (const [rate, site, step, firstRow] of [
        [0.1, 0, 0, 0],
        [0.5, 1, 1, 3],
        [0.3, 0xffffffff, 123_456, 1001],
        [0.9, 2, 0xffffffff, 2 ** 24 + 1],
        [1e-9, 0, 0, 0],
      ]) {
        for (const shape of [
          [1, 1],
          [3, 5],
          [37, 13],
          [4, 130],
        ]) {
          const operation = dropoutCase(shape, { rate, seed, site }, step, firstRow);
          const expected = maskOf(runCase(reference, operation).output);
          for (const backend of others) expect(maskOf(runCase(backend, operation).output)).toBe(expected);
          // One product; its factor is rounded as well.
          await expectAgreement(`${shape}`, operation, { absolute: 2e-7, ofLargest: 2e-7 });
        }
      }
    },
  );

  test('seeds, sites and steps give other masks', () => {
    const [reference] = createBackends();
    const shape = [16, 16];
    const masks = [
      dropoutCase(shape),
      dropoutCase(shape, { seed: 6 }),
      dropoutCase(shape, { seed: 5 + 2 ** 32 }),
      dropoutCase(shape, { site: 1 }),
      dropoutCase(shape, {}, 4),
      dropoutCase(shape, {}, 3, 16),
    ].map((operation) => maskOf(runCase(reference, operation).output));
    expect(new Set(masks).size).toBe(masks.length);
  });

  test('a shard draws its part of the whole batch’s mask', () => {
    for (const backend of createBackends()) {
      const whole = maskOf(runCase(backend, dropoutCase([8, 5])).output);
      const parts = [0, 3, 6].map((firstRow) => {
        return maskOf(runCase(backend, dropoutCase([firstRow === 6 ? 2 : 3, 5], {}, 3, firstRow)).output);
      });
      expect(parts.join(''), backend.name).toBe(whole);
    }
  });

  test('it drops its rate and keeps the mean', () => {
    const [reference] = createBackends();
    const operation = dropoutCase([400, 100], { rate: 0.3 });
    const ones = { ...operation, inputs: { x: { shape: [400, 100], values: new Float32Array(40_000).fill(1) } } };
    const { output } = runCase(reference, ones);
    const dropped = output.filter((value) => value === 0).length / output.length;
    // Five deviations of a share of 40,000 draws: 5·√(0.3·0.7 / 40,000).
    expect(Math.abs(dropped - 0.3)).toBeLessThan(0.0115);
    expect(output.find((value) => value !== 0)).toBe(1 / 0.7);
  });

  test('outside training, and at rate 0, it is the identity', () => {
    const backend = createBackend('simd');
    const key = { rate: 0.5, seed: 1, site: 0 };
    const predicting = createTape(backend, false);
    const x = predicting.tensor([2, 3]);
    expect(dropout(predicting, x, key)).toBe(x);
    const training = createTape(backend, true);
    expect(dropout(training, x, { ...key, rate: 0 })).toBe(x);
  });
});
