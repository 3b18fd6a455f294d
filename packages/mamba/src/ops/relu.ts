import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, type Gradient, type Tensor } from '../tensor.ts';

export interface ReluKernels {
  forward(x: Tensor, y: Tensor): void;
  backward(y: Tensor, dy: Tensor, dx: Gradient): void;
}

/** Float64 definition. */
export const reluDefinition: Definition<ReluKernels> = {
  forward(x, y) {
    for (let i = 0; i < x.data.length; i++) y.data[i] = Math.max(x.data[i], 0);
  },
  backward(y, dy, dx) {
    for (let i = 0; i < y.data.length; i++) {
      dx.data[i] = (dx.accumulate ? dx.data[i] : 0) + (y.data[i] > 0 ? dy.data[i] : 0);
    }
  },
};

/** `max(x, 0)` of each element, with slope 0 at 0 as in PyTorch. Any contiguous shape. Exact. Throws: ShapeError. */
export function relu(tape: Tape<{ readonly relu: ReluKernels }>, x: Tensor): Tensor {
  expectContiguous('relu', x);
  const { relu: kernel } = tape.backend.kernels;
  const y = tape.tensor(x.shape);
  tape.record({
    inputs: [x],
    forward: () => kernel.forward(x, y),
    backward: ([dx]) => kernel.backward(y, y.gradient as Tensor, dx as Gradient),
  });
  return y;
}
