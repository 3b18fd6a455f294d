import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { expectContiguous, type Gradient, type Tensor } from '../tensor.ts';

export interface MeanPoolKernels {
  forward(x: Tensor, y: Tensor): void;
  backward(dy: Tensor, dx: Gradient): void;
}

/** Float64 definition. */
export const meanPoolDefinition: MeanPoolKernels = {
  forward(x, y) {
    const [batch, length, width] = x.shape;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        let sum = 0;
        for (let t = 0; t < length; t++) sum += x.data[(b * length + t) * width + c];
        y.data[b * width + c] = sum / length;
      }
    }
  },

  backward(dy, dx) {
    const [batch, length, width] = dx.shape;
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < length; t++) {
        for (let c = 0; c < width; c++) {
          const at = (b * length + t) * width + c;
          dx.data[at] = (dx.accumulate ? dx.data[at] : 0) + dy.data[b * width + c] / length;
        }
      }
    }
  },
};

/**
 * Mean over a sequence's positions. Shapes: x (batch, length, width), y (batch, width).
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-6·|definition| in float32.
 * Throws: ShapeError.
 */
export function meanPool(tape: Tape<{ readonly meanPool: MeanPoolKernels }>, x: Tensor): Tensor {
  if (x.shape.length !== 3) throw new ShapeError('meanPool', '(batch, length, width)', x.shape);
  expectContiguous('meanPool', x);
  const { kernels } = tape.backend;
  const y = tape.tensor([x.shape[0], x.shape[2]]);
  tape.record({
    inputs: [x],
    forward: () => kernels.meanPool.forward(x, y),
    backward: ([dx]) => kernels.meanPool.backward(y.gradient as Tensor, dx as Gradient),
  });
  return y;
}
