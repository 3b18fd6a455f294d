import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { SettingError } from '../errors.ts';
import { linear } from '../ops/linear.ts';
import { fingerprint } from '../parameters.ts';
import type { BlockConfig } from './block.ts';
import { type StackConfig, stack, stackParameters } from './stack.ts';

const sizes = { dModel: 3, dState: 4, dConv: 4, expand: 2 };
const kinds: readonly BlockConfig[] = [sizes, { ...sizes, block: 'mamba2', headDim: 3, groups: 2 }];

function stackCase(batch: number, length: number, config: StackConfig): OperationCase {
  return {
    inputs: {
      ...parameterInputs(stackParameters('backbone', config)),
      x: uniformInput('x', [batch, length, 2], 1.5),
      embedding: uniformInput('embedding', [config.dModel, 2]),
    },
    record(tape, { x, embedding, ...tensors }) {
      // As residuals share their derivative, what the stack takes must not be read by anything recorded later.
      const h = linear(tape, x, embedding);
      return stack(tape, new Map(Object.entries(tensors)), 'backbone', config, h);
    },
  };
}

/** As for a block, see mamba.test.ts. Mamba-2 has two heads, of which each derivative is one sum that may cancel. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };
const cancelling = Object.fromEntries(
  [0, 1, 2].flatMap((layer) =>
    ['dt_bias', 'A_log', 'D'].map((name) => [`backbone.layers.${layer}.mixer.${name}`, 5e-6]),
  ),
);

describe.each(kinds)('stack of %o', (kind) => {
  test.each([1, 2, 13])('derivative by every parameter and the input, length %i', (length) => {
    expectGradient('stack', stackCase(2, length, { ...kind, layers: 2 }), 30);
    expectGradient('bidirectional stack', stackCase(2, length, { ...kind, layers: 2, bidirectional: true }), 10);
  });

  test.each([64, 257])('derivative by every parameter and the input, length %i, 3 elements of each', (length) => {
    expectGradient('stack', stackCase(1, length, { ...kind, layers: 2 }), 3);
  });

  test('every backend agrees with the definition', async () => {
    for (const layers of [1, 3]) {
      const operation = stackCase(2, 13, { ...kind, layers });
      await expectAgreement(`${layers} layers`, operation, { ...agreement, cancelling });
    }
  });
});

test('a stack of Mamba-1 blocks is what is not named, to the byte', () => {
  const [plain, named] = [{ ...sizes, layers: 2 }, { ...sizes, layers: 2, block: 'mamba' } as const];
  expect(fingerprint(stackParameters('backbone', named))).toBe(fingerprint(stackParameters('backbone', plain)));
  for (const backend of createBackends()) {
    expect(runCase(backend, stackCase(2, 5, named))).toEqual(runCase(backend, stackCase(2, 5, plain)));
  }
});

test('a kind of block that there is not is refused, as it may come from a file', () => {
  const unknown = { ...sizes, layers: 1, block: 'mamba3' } as unknown as StackConfig;
  expect(() => stackParameters('backbone', unknown)).toThrow(SettingError);
});
