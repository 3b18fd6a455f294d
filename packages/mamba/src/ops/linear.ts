import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, rowsOf, type Tensor } from '../tensor.ts';

export interface LinearKernels {
  /** `y = x·Wᵀ + bias + residual` */
  forward(x: Tensor, weight: Tensor, bias: Tensor | null, residual: Tensor | null, y: Tensor): void;
  backward(
    x: Tensor,
    weight: Tensor,
    dy: Tensor,
    dx: Gradient | null,
    dweight: Gradient | null,
    dbias: Gradient | null,
  ): void;
}

/** Float64 definition. */
export const linearDefinition: Definition<LinearKernels> = {
  forward(x, weight, bias, residual, y) {
    const rows = rowsOf(x);
    const [outputs, inputs] = weight.shape;
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias ? bias.data[o] : 0;
        if (residual) sum += residual.data[r * residual.stride + o];
        for (let i = 0; i < inputs; i++) sum += x.data[r * x.stride + i] * weight.data[o * weight.stride + i];
        y.data[r * y.stride + o] = sum;
      }
    }
  },

  backward(x, weight, dy, dx, dweight, dbias) {
    const rows = rowsOf(x);
    const [outputs, inputs] = weight.shape;
    if (dx) {
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < inputs; i++) {
          let sum = dx.accumulate ? dx.data[r * dx.stride + i] : 0;
          for (let o = 0; o < outputs; o++) sum += dy.data[r * dy.stride + o] * weight.data[o * weight.stride + i];
          dx.data[r * dx.stride + i] = sum;
        }
      }
    }
    for (let o = 0; o < outputs; o++) {
      if (dweight) {
        for (let i = 0; i < inputs; i++) {
          let sum = dweight.accumulate ? dweight.data[o * dweight.stride + i] : 0;
          for (let r = 0; r < rows; r++) sum += dy.data[r * dy.stride + o] * x.data[r * x.stride + i];
          dweight.data[o * dweight.stride + i] = sum;
        }
      }
      if (dbias) {
        let sum = dbias.accumulate ? dbias.data[o] : 0;
        for (let r = 0; r < rows; r++) sum += dy.data[r * dy.stride + o];
        dbias.data[o] = sum;
      }
    }
  },
};

/**
 * A linear map of each row: `y = x·Wᵀ + bias + residual`.
 *
 * Shapes: x (…, inputs), may be a column view; weight (outputs, inputs); bias (outputs) or null; residual (…, outputs)
 * or null. With a residual, y and the residual share one derivative, as both have the same: nothing is copied. So
 * nothing recorded later may read the residual, and it cannot be x.
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-5·Σ|x·w| in float32.
 * Throws: ShapeError.
 */
export function linear(
  tape: Tape<{ readonly linear: LinearKernels }>,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  residual: Tensor | null = null,
): Tensor {
  const [outputs, inputs] = weight.shape;
  if (columnsOf(x) !== inputs) throw new ShapeError('linear', `rows of ${inputs}`, x.shape);
  if (bias) expectShape('linear bias', bias, [outputs]);
  const shape = [...x.shape.slice(0, -1), outputs];
  if (residual) expectShape('linear residual', residual, shape);
  if (residual?.gradient && residual.gradient.address === x.gradient?.address) {
    throw new ShapeError('linear residual', 'another tensor than x', 'x');
  }
  const { arena, kernels } = tape.backend;
  const y = residual?.gradient ? arena.allocate(shape, residual.gradient) : tape.tensor(shape);
  tape.record({
    inputs: [x, weight, bias],
    forward: () => kernels.linear.forward(x, weight, bias, residual, y),
    backward: ([dx, dweight, dbias]) => kernels.linear.backward(x, weight, y.gradient as Tensor, dx, dweight, dbias),
  });
  return y;
}
