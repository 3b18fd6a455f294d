import { describe, test } from 'vitest';
import { createBackends, expectAgreement } from './agreement.ts';
import { expectGradient } from './centralDifference.ts';
import { meanPool } from './meanPool.ts';
import { type OperationCase, uniformInput } from './operationCase.ts';

function poolCase(batch: number, length: number, width: number): OperationCase {
  return {
    inputs: { x: uniformInput('x', [batch, length, width], 2) },
    record: (tape, { x }) => meanPool(tape, x),
  };
}

/** The documented accuracy; sums of up to 200 terms below 2 round by less than 200·2⁻²⁴ of a few units. */
const agreement = { absolute: 1e-6, ofLargest: 1e-6 };

describe('meanPool', () => {
  test('derivative of the definition', () => {
    expectGradient('meanPool', poolCase(2, 5, 3));
  });

  test('every backend agrees with the definition', () => {
    const backends = createBackends();
    for (const batch of [1, 3]) {
      for (const length of [1, 2, 3, 13, 200]) {
        for (const width of [1, 2, 3, 5, 8, 13, 33, 130]) {
          expectAgreement(backends, `${batch} × ${length} × ${width}`, poolCase(batch, length, width), agreement);
        }
      }
    }
  });
});
