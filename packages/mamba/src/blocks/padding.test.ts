import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { linear } from '../ops/linear.ts';
import { type Pooling, pool } from '../ops/pool.ts';
import { type StackConfig, stack, stackParameters } from './stack.ts';

const width = 5;
const valid = [13, 1, 5, 12];

const sizes = { dModel: 3, dState: 4, dConv: 4, expand: 2, layers: 2 };
const stacks: readonly StackConfig[] = [
  sizes,
  { ...sizes, bidirectional: true },
  { ...sizes, block: 'mamba2', headDim: 3, groups: 2 },
  { ...sizes, block: 'mamba2', headDim: 3, groups: 2, bidirectional: true },
];

interface PaddedShape {
  /** Positions of every row, padding included. */
  readonly length: number;
  readonly config: StackConfig;
  readonly pooling: Pooling;
  /** Size of the numbers that stand in the padding. */
  readonly garbage: number;
}

/** The same rows whatever the padding: features, two residual blocks, pooling. */
function paddedCase({ length, config, pooling, garbage }: PaddedShape): OperationCase {
  const values = Float32Array.from(uniformInput(`garbage ${length}`, [valid.length, length, width], garbage).values);
  valid.forEach((positions, row) => {
    values.set(uniformInput(`row ${row}`, [positions, width], 1.5).values as Float32Array, row * length * width);
  });
  return {
    inputs: {
      ...parameterInputs(stackParameters('backbone', config)),
      x: { shape: [valid.length, length, width], values },
      lengths: { shape: [valid.length, 1], values: valid, differentiable: false },
      embedding: uniformInput('embedding', [config.dModel, width]),
    },
    record(tape, { x, lengths, embedding, ...tensors }) {
      const h = linear(tape, x, embedding);
      const mixed = stack(tape, new Map(Object.entries(tensors)), 'backbone', config, h, { lengths });
      return pool(tape, mixed, pooling, lengths);
    },
  };
}

describe.each(stacks)('rows of unequal length: %o', (config) => {
  test.each(['mean', 'first', 'last'] as const)('padding changes nothing, bit for bit: %s', (pooling) => {
    const shape = { config, pooling };
    for (const backend of createBackends()) {
      const expected = runCase(backend, paddedCase({ ...shape, length: 13, garbage: 0 }));
      const { x: dx, ...parameters } = expected.gradients;
      for (const [length, garbage] of [
        [13, 1],
        [14, 1000],
        [20, 1],
        [64, 1000],
        [65, 1],
        [130, 1000],
      ]) {
        const label = `${backend.name}, ${length} positions`;
        const found = runCase(backend, paddedCase({ ...shape, length, garbage }));
        expect(found.output, label).toEqual(expected.output);
        for (const name of Object.keys(parameters)) {
          expect(found.gradients[name], `${label}: ${name}`).toEqual(parameters[name]);
        }
        valid.forEach((positions, row) => {
          const before = dx.slice(row * 13 * width, (row * 13 + positions) * width);
          const after = found.gradients.x.slice(row * length * width, (row + 1) * length * width);
          expect(after.slice(0, positions * width), `${label}: x of row ${row}`).toEqual(before);
          // −0 as well: a zero times a negative number.
          expect(
            after.slice(positions * width).every((value) => value === 0),
            `${label}: padding`,
          ).toBe(true);
        });
      }
    }
  });
});
