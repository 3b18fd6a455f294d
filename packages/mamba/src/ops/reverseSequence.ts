import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectShape, type Tensor } from '../tensor.ts';

export interface ReverseSequenceKernels {
  /** `y[t] = x[lengths − 1 − t] + base[t]`, padding `y[t] = x[t] + base[t]`; `base` may be y. */
  apply(x: Tensor, lengths: Tensor | null, base: Tensor | null, y: Tensor): void;
}

/** Float64 definition. */
export const reverseSequenceDefinition: Definition<ReverseSequenceKernels> = {
  apply(x, lengths, base, y) {
    const [batch, length, width] = x.shape;
    for (let b = 0; b < batch; b++) {
      const valid = lengths ? lengths.data[b] : length;
      for (let t = 0; t < length; t++) {
        const from = b * length + (t < valid ? valid - 1 - t : t);
        const to = b * length + t;
        for (let c = 0; c < width; c++) {
          const held = base ? base.data[to * base.stride + c] : 0;
          y.data[to * y.stride + c] = held + x.data[from * x.stride + c];
        }
      }
    }
  },
};

/**
 * Each sequence with its positions in reverse order, plus `residual` where one is given. Padding stays where it is, so
 * that causal blocks after it see the padding last, and reversing twice gives everything back.
 *
 * Shapes: x (batch, length, width), may be a column view; lengths (batch, 1), whole numbers 1 … length, checked by
 * whoever fills them; residual and y as x. With a residual, y and the residual share one derivative, as both have the
 * same; so nothing recorded later may read the residual, and it cannot be x. Without one, exact.
 * Throws: ShapeError.
 */
export function reverseSequence(
  tape: Tape<{ readonly reverseSequence: ReverseSequenceKernels }>,
  x: Tensor,
  lengths: Tensor | null = null,
  residual: Tensor | null = null,
): Tensor {
  if (x.shape.length !== 3) throw new ShapeError('reverseSequence', '(batch, length, width)', x.shape);
  if (lengths) expectShape('reverseSequence lengths', lengths, [x.shape[0], 1]);
  if (residual) expectShape('reverseSequence residual', residual, x.shape);
  if (residual?.gradient && residual.gradient.address === x.gradient?.address) {
    throw new ShapeError('reverseSequence residual', 'another tensor than x', 'x');
  }
  const { arena, kernels } = tape.backend;
  const y = residual?.gradient ? arena.allocate(x.shape, residual.gradient) : tape.tensor(x.shape);
  tape.record({
    inputs: [x],
    forward: () => kernels.reverseSequence.apply(x, lengths, residual, y),
    // Position t came from where t goes to: the derivative takes the same way.
    backward: ([dx]) =>
      dx && kernels.reverseSequence.apply(y.gradient as Tensor, lengths, dx.accumulate ? dx : null, dx),
  });
  return y;
}
