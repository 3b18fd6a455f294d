import { philox } from '../random.ts';
import type { Tape } from '../tape.ts';
import { expectContiguous, type Gradient, type Tensor } from '../tensor.ts';

/** What decides a mask: the same key gives the same mask, whoever computes it. */
export interface DropoutKey {
  /** Share of elements set to zero, 0 ≤ rate < 1. */
  readonly rate: number;
  readonly seed: number;
  /** Tells several dropouts of one model apart. */
  readonly site: number;
}

export interface DropoutKernels {
  /** Scales what it keeps by 1 / (1 − rate). `step` and `firstElement` place the tensor in the whole run. */
  forward(x: Tensor, key: DropoutKey, step: number, firstElement: number, y: Tensor): void;
  backward(dy: Tensor, key: DropoutKey, step: number, firstElement: number, dx: Gradient): void;
}

/** Calls `visit(i, factor)` for each element; factor is 0 or 1 / (1 − rate). */
export function visitMask(
  count: number,
  { rate, seed, site }: DropoutKey,
  step: number,
  firstElement: number,
  visit: (i: number, factor: number) => void,
): void {
  const block = new Uint32Array(4);
  const threshold = Math.floor(rate * 0x100000000);
  let loaded = -1;
  for (let i = 0; i < count; i++) {
    const element = firstElement + i;
    const index = Math.floor(element / 4);
    if (index !== loaded) {
      block.set([index, step, site, 1]);
      philox(block, seed >>> 0, Math.floor(seed / 0x100000000) >>> 0);
      loaded = index;
    }
    visit(i, block[element & 3] < threshold ? 0 : 1 / (1 - rate));
  }
}

/** Float64 definition. */
export const dropoutDefinition: DropoutKernels = {
  forward(x, key, step, firstElement, y) {
    visitMask(x.data.length, key, step, firstElement, (i, factor) => {
      y.data[i] = x.data[i] * factor;
    });
  },
  backward(dy, key, step, firstElement, dx) {
    visitMask(dy.data.length, key, step, firstElement, (i, factor) => {
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
  const { moment } = tape;
  const y = tape.tensor(x.shape);
  const width = x.data.length / x.shape[0];
  tape.record({
    inputs: [x],
    forward: () => kernels.dropout.forward(x, key, moment.step, moment.firstRow * width, y),
    backward: ([dx]) =>
      kernels.dropout.backward(y.gradient as Tensor, key, moment.step, moment.firstRow * width, dx as Gradient),
  });
  return y;
}
