import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { embedding } from './embedding.ts';

function embeddingCase(rows: number, features: number, entries: number, width: number): OperationCase {
  const codes = Float32Array.from({ length: rows * features }, (_, i) => (i * 7 + Math.floor(i / 3)) % entries);
  const tokens = features + 2;
  return {
    inputs: {
      codes: { shape: [rows, features], values: codes, differentiable: false },
      table: uniformInput('table', [entries, width]),
    },
    record(tape, { codes, table }) {
      const y = tape.tensor([rows, tokens, width]);
      // The positions in reverse, the first and the last token left alone.
      const positions = Array.from({ length: features }, (_, k) => features - k);
      embedding(tape, codes, table, positions, y);
      return y;
    },
  };
}

describe('embedding', () => {
  test('derivative of the definition', () => {
    expectGradient('embedding', embeddingCase(5, 2, 4, 3));
  });

  test('every backend agrees with the definition', async () => {
    for (const rows of [1, 3, 4, 5, 37]) {
      for (const features of [1, 3]) {
        for (const width of [1, 2, 3, 5, 8, 13, 26, 33, 130]) {
          // Outputs are copies; an entry's derivative sums at most 111 terms below 1.
          const label = `${rows} × ${features}, width ${width}`;
          await expectAgreement(label, embeddingCase(rows, features, 5, width), { absolute: 5e-6 });
        }
      }
    }
  });

  test('tokens are exact copies, and no other token is written', () => {
    const operation = embeddingCase(3, 2, 5, 3);
    const { codes, table } = operation.inputs;
    for (const backend of createBackends()) {
      const { output } = runCase(backend, operation);
      const rowOf = (code: number) => Array.from({ length: 3 }, (_, c) => table.values[code * 3 + c]);
      const expected = [0, 1, 2].flatMap((r) => {
        const [first, second] = [codes.values[r * 2], codes.values[r * 2 + 1]];
        return [0, 0, 0, ...rowOf(second), ...rowOf(first), 0, 0, 0];
      });
      expect(Array.from(output), backend.name).toEqual(expected);
    }
  });

  test('positions outside the tokens are refused', () => {
    const operation: OperationCase = {
      ...embeddingCase(3, 1, 5, 3),
      record(tape, { codes, table }) {
        const y = tape.tensor([3, 2, 3]);
        embedding(tape, codes, table, [2], y);
        return y;
      },
    };
    expect(() => runCase(createBackends()[0], operation)).toThrow(ShapeError);
  });
});
