import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { createBackend } from '../backend.ts';
import { createTape } from '../tape.ts';
import { hide } from './hide.ts';

/** Stands for NaN, which equals nothing. */
const sign = 7;

function hideCase(rows: number, rate: number, firstRow = 0): OperationCase {
  return {
    inputs: { x: { ...uniformInput('x', [rows, 3]), differentiable: false } },
    context: { step: 3, firstRow, batchRows: rows },
    record: (tape, { x }) => hide(tape, x, [sign, 2 * sign, 3 * sign], { rate, seed: 5, site: 1 }),
  };
}

describe('hide', () => {
  test('replaces its rate of the numbers by their column’s substitute and leaves the others', () => {
    for (const backend of createBackends()) {
      const operation = hideCase(4000, 0.2);
      const { output } = runCase(backend, operation);
      const hidden = [...output.keys()].filter((i) => output[i] !== operation.inputs.x.values[i]);
      expect(hidden.every((i) => output[i] === sign * (1 + (i % 3)))).toBe(true);
      // Five deviations of a share of 12,000 draws: 5·√(0.2·0.8 / 12,000).
      expect(Math.abs(hidden.length / output.length - 0.2), backend.name).toBeLessThan(0.0183);
    }
  });

  test.each([1, 2 ** 32 + 1, 2 ** 53 - 1])(
    'every backend hides the definition’s, bit for bit, seed %i',
    async (seed) => {
      for (const [rate, site, firstRow] of [
        [0.05, 1, 0],
        [0.5, 0xffffffff, 2 ** 24 + 1],
      ]) {
        for (const rows of [1, 5, 37]) {
          const operation: OperationCase = {
            ...hideCase(rows, rate, firstRow),
            record: (tape, { x }) => hide(tape, x, [sign, 2 * sign, 3 * sign], { rate, seed, site }),
          };
          await expectAgreement(`${rows} rows`, operation, { absolute: 0 });
        }
      }
    },
  );

  test('a shard hides its part of the whole batch’s', () => {
    const [reference] = createBackends();
    const hiddenOf = (rows: number, firstRow: number): string =>
      Array.from(runCase(reference, hideCase(rows, 0.3, firstRow)).output, (value) => (value >= sign ? 1 : 0)).join('');
    expect(hiddenOf(3, 0) + hiddenOf(3, 3) + hiddenOf(2, 6)).toBe(hiddenOf(8, 0));
    expect(hiddenOf(8, 0)).toContain('1');
  });

  test('outside training, and at rate 0, it is the identity', () => {
    const backend = createBackend('simd');
    const key = { rate: 0.5, seed: 1, site: 0 };
    const x = backend.arena.allocate([2, 3]);
    expect(hide(createTape(backend, false), x, [1, 2, 3], key)).toBe(x);
    expect(hide(createTape(backend, true), x, [1, 2, 3], { ...key, rate: 0 })).toBe(x);
  });
});
