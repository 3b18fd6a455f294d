import { expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { type OperationCase, runCase } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { offsetColumns } from './offsetColumns.ts';

const offsets = [0, 4, 1000];

function offsetCase(rows: number, columns = 3): OperationCase {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => i % 5);
  return {
    inputs: { x: { shape: [rows, columns], values, differentiable: false } },
    record: (tape, { x }) => offsetColumns(tape, x, offsets),
  };
}

test('codes become places in a table that their features share', async () => {
  const [reference] = createBackends();
  expect([...runCase(reference, offsetCase(2)).output]).toEqual([0, 5, 1002, 3, 8, 1000]);
  for (const rows of [1, 2, 37]) await expectAgreement(`${rows} rows`, offsetCase(rows), { absolute: 0 });
});

test('as many columns as offsets are wanted', () => {
  const [reference] = createBackends();
  expect(() => runCase(reference, offsetCase(2, 2))).toThrow(ShapeError);
});
