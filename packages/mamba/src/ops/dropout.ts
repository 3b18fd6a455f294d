import { philox } from '../random.ts';
import type { StepContext, Tape } from '../tape.ts';
import { type Definition, expectContiguous, type Gradient, sizeOf, type Tensor } from '../tensor.ts';

/** What decides a mask: the same key gives the same mask, whoever computes it. */
export interface DropoutKey {
  /** Share of elements set to zero, 0 ≤ rate < 1. */
  readonly rate: number;
  readonly seed: number;
  /** Tells several dropouts of one model apart. */
  readonly site: number;
}

export interface DropoutKernels {
  /** Scales what it keeps by 1 / (1 − rate). The context's step and first row place the tensor in the whole run. */
  forward(x: Tensor, key: DropoutKey, context: StepContext, y: Tensor): void;
  backward(dy: Tensor, key: DropoutKey, context: StepContext, dx: Gradient): void;
}

/** Where a shard's tensor begins in the whole batch's, in elements. */
export function firstElementOf({ shape }: Tensor, { firstRow }: StepContext): number {
  return (firstRow * sizeOf(shape)) / shape[0];
}

/** Calls `visit(i, factor)` for each element of a tensor; factor is 0 or 1 / (1 − rate). */
export function visitMask(
  tensor: Tensor,
  { rate, seed, site }: DropoutKey,
  context: StepContext,
  visit: (i: number, factor: number) => void,
): void {
  const count = sizeOf(tensor.shape);
  const firstElement = firstElementOf(tensor, context);
  const block = new Uint32Array(4);
  const threshold = Math.floor(rate * 0x100000000);
  let loaded = -1;
  for (let i = 0; i < count; i++) {
    const element = firstElement + i;
    const index = Math.floor(element / 4);
    if (index !== loaded) {
      block.set([index, context.step, site, 1]);
      philox(block, seed >>> 0, Math.floor(seed / 0x100000000) >>> 0);
      loaded = index;
    }
    visit(i, block[element & 3] < threshold ? 0 : 1 / (1 - rate));
  }
}

/** Float64 definition. */
export const dropoutDefinition: Definition<DropoutKernels> = {
  forward(x, key, context, y) {
    visitMask(x, key, context, (i, factor) => {
      y.data[i] = x.data[i] * factor;
    });
  },
  backward(dy, key, context, dx) {
    visitMask(dy, key, context, (i, factor) => {
      dx.data[i] = (dx.accumulate ? dx.data[i] : 0) + dy.data[i] * factor;
    });
  },
};

/**
 * Dropout: each element is 0 with probability `rate`, else scaled by 1 / (1 − rate). Outside training, the identity.
 *
 * The mask is a function of (seed, site, step, element), so that shards, threads and a resumed run draw the same one.
 * Shape: (rows, width), contiguous. Source: Srivastava et al. 2014, in the inverted form.
 * Throws: ShapeError.
 */
export function dropout(tape: Tape<{ readonly dropout: DropoutKernels }>, x: Tensor, key: DropoutKey): Tensor {
  if (!tape.training || key.rate === 0) return x;
  expectContiguous('dropout', x);
  const { kernels } = tape.backend;
  const { context } = tape;
  const y = tape.tensor(x.shape);
  tape.record({
    inputs: [x],
    forward: () => kernels.dropout.forward(x, key, context, y),
    backward: ([dx]) => kernels.dropout.backward(y.gradient as Tensor, key, context, dx as Gradient),
  });
  return y;
}
