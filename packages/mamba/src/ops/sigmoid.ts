import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, type Gradient, type Tensor } from '../tensor.ts';

export interface SigmoidKernels {
  /** `y = scale / (1 + exp(−x))` */
  forward(x: Tensor, scale: number, y: Tensor): void;
  /** From the output alone. */
  backward(y: Tensor, scale: number, dy: Tensor, dx: Gradient): void;
}

/** Float64 definition. */
export const sigmoidDefinition: Definition<SigmoidKernels> = {
  forward(x, scale, y) {
    for (let i = 0; i < x.data.length; i++) y.data[i] = scale / (1 + Math.exp(-x.data[i]));
  },
  backward(y, scale, dy, dx) {
    for (let i = 0; i < y.data.length; i++) {
      const slope = y.data[i] * (1 - y.data[i] / scale);
      dx.data[i] = (dx.accumulate ? dx.data[i] : 0) + dy.data[i] * slope;
    }
  },
};

/**
 * `scale / (1 + exp(−x))` of each element: a bounded output between 0 and `scale`. Any contiguous shape.
 * Accuracy: 1e-6 of the scale in float32.
 * Throws: ShapeError.
 */
export function sigmoid(tape: Tape<{ readonly sigmoid: SigmoidKernels }>, x: Tensor, scale = 1): Tensor {
  expectContiguous('sigmoid', x);
  const { sigmoid: kernel } = tape.backend.kernels;
  const y = tape.tensor(x.shape);
  tape.record({
    inputs: [x],
    forward: () => kernel.forward(x, scale, y),
    backward: ([dx]) => kernel.backward(y, scale, y.gradient as Tensor, dx as Gradient),
  });
  return y;
}
