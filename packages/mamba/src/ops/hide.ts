import type { StepContext, Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Tensor } from '../tensor.ts';
import { type DropoutKey, visitMask } from './dropout.ts';

export interface HideKernels {
  /** `y` is the column's substitute where dropout with this key would give 0, else `x`. */
  forward(x: Tensor, substitutes: readonly number[], key: DropoutKey, context: StepContext, y: Tensor): void;
}

/** Float64 definition. */
export const hideDefinition: Definition<HideKernels> = {
  forward(x, substitutes, key, context, y) {
    visitMask(x, key, context, (i, factor) => {
      y.data[i] = factor === 0 ? substitutes[i % substitutes.length] : x.data[i];
    });
  },
};

/**
 * In training, each number is replaced by its column's `substitute` with probability `rate`; outside it, the identity.
 *
 * With the sign of a missing value as substitute, a network learns what to do without a feature even from rows that
 * lack none. x (rows, columns) gets no derivative. The choice is keyed as dropout's is. Exact. Throws: ShapeError.
 */
export function hide(
  tape: Tape<{ readonly hide: HideKernels }>,
  x: Tensor,
  substitutes: readonly number[],
  key: DropoutKey,
): Tensor {
  if (!tape.training || key.rate === 0) return x;
  expectShape('hide', x, [x.shape[0], substitutes.length]);
  expectContiguous('hide', x);
  const { arena, kernels } = tape.backend;
  const y = arena.allocate(x.shape);
  tape.record({
    inputs: [],
    forward: () => kernels.hide.forward(x, substitutes, key, tape.context, y),
    backward() {},
  });
  return y;
}
