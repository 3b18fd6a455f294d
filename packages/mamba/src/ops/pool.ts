import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Gradient, type Tensor } from '../tensor.ts';

/** What stands for a sequence: the mean of its positions, or the first or the last of them. */
export type Pooling = 'mean' | 'first' | 'last';

export interface PoolKernels {
  forward(x: Tensor, lengths: Tensor | null, pooling: Pooling, y: Tensor): void;
  backward(dy: Tensor, lengths: Tensor | null, pooling: Pooling, dx: Gradient): void;
}

/** The positions from … to − 1 whose mean is taken. */
function pooledSpan(pooling: Pooling, valid: number): readonly [from: number, to: number] {
  if (pooling === 'first') return [0, 1];
  return pooling === 'last' ? [valid - 1, valid] : [0, valid];
}

/** Float64 definition. */
export const poolDefinition: Definition<PoolKernels> = {
  forward(x, lengths, pooling, y) {
    const [batch, length, width] = x.shape;
    for (let b = 0; b < batch; b++) {
      const [from, to] = pooledSpan(pooling, lengths ? lengths.data[b] : length);
      for (let c = 0; c < width; c++) {
        let sum = 0;
        for (let t = from; t < to; t++) sum += x.data[(b * length + t) * width + c];
        y.data[b * width + c] = sum / (to - from);
      }
    }
  },

  backward(dy, lengths, pooling, dx) {
    const [batch, length, width] = dx.shape;
    for (let b = 0; b < batch; b++) {
      const [from, to] = pooledSpan(pooling, lengths ? lengths.data[b] : length);
      for (let t = 0; t < length; t++) {
        const share = t >= from && t < to ? 1 / (to - from) : 0;
        for (let c = 0; c < width; c++) {
          const at = (b * length + t) * width + c;
          dx.data[at] = (dx.accumulate ? dx.data[at] : 0) + dy.data[b * width + c] * share;
        }
      }
    }
  },
};

/**
 * One row for each sequence: the mean over its positions, or its first or last one, where a token that stands for the
 * whole may be kept.
 *
 * With `lengths`, sequence b has `lengths[b]` positions and is padded on the right. The padding is not read, and its
 * derivative is exactly zero. As derivatives only go back in time, that makes them zero at the padding of every
 * causal block before: what stands there, as long as it is finite, changes no output and no parameter's derivative.
 *
 * Shapes: x (batch, length, width), contiguous; lengths (batch, 1), whole numbers 1 … length, checked by whoever fills
 * them; y (batch, width).
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-6·|definition| in float32; `first` and `last` are exact.
 * Throws: ShapeError.
 */
export function pool(
  tape: Tape<{ readonly pool: PoolKernels }>,
  x: Tensor,
  pooling: Pooling = 'mean',
  lengths: Tensor | null = null,
): Tensor {
  if (x.shape.length !== 3) throw new ShapeError('pool', '(batch, length, width)', x.shape);
  expectContiguous('pool', x);
  if (lengths) expectShape('pool lengths', lengths, [x.shape[0], 1]);
  const { kernels } = tape.backend;
  const y = tape.tensor([x.shape[0], x.shape[2]]);
  tape.record({
    inputs: [x],
    forward: () => kernels.pool.forward(x, lengths, pooling, y),
    backward: ([dx]) => kernels.pool.backward(y.gradient as Tensor, lengths, pooling, dx as Gradient),
  });
  return y;
}
