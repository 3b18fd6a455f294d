import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, rowsOf, type Tensor } from '../tensor.ts';

/** Added to the mean square, as in the authors' RMSNorm. */
export const rmsNormEpsilon = 1e-5;

export interface RmsNormKernels {
  /** `y = x / rms(x) · weight`; `scale[row]` receives 1 / rms for the backward pass. */
  forward(x: Tensor, weight: Tensor, y: Tensor, scale: Tensor): void;
  backward(x: Tensor, weight: Tensor, scale: Tensor, dy: Tensor, dx: Gradient, dweight: Gradient): void;
}

/** Float64 definition. */
export const rmsNormDefinition: Definition<RmsNormKernels> = {
  forward(x, weight, y, scale) {
    const width = columnsOf(x);
    for (let r = 0; r < rowsOf(x); r++) {
      let squares = 0;
      for (let i = 0; i < width; i++) squares += x.data[r * x.stride + i] ** 2;
      scale.data[r] = 1 / Math.sqrt(squares / width + rmsNormEpsilon);
      for (let i = 0; i < width; i++) {
        y.data[r * y.stride + i] = x.data[r * x.stride + i] * scale.data[r] * weight.data[i];
      }
    }
  },

  backward(x, weight, scale, dy, dx, dweight) {
    const width = columnsOf(x);
    if (!dweight.accumulate) dweight.data.fill(0);
    for (let r = 0; r < rowsOf(x); r++) {
      const s = scale.data[r];
      let projection = 0;
      for (let i = 0; i < width; i++) {
        projection += dy.data[r * dy.stride + i] * weight.data[i] * x.data[r * x.stride + i];
      }
      const along = (projection * s * s * s) / width;
      for (let i = 0; i < width; i++) {
        const xi = x.data[r * x.stride + i];
        const dyi = dy.data[r * dy.stride + i];
        dweight.data[i] += dyi * xi * s;
        const value = dyi * weight.data[i] * s - xi * along;
        dx.data[r * dx.stride + i] = dx.accumulate ? dx.data[r * dx.stride + i] + value : value;
      }
    }
  },
};

/**
 * Root-mean-square normalisation of each row: `y = x / √(mean(x²) + 1e-5) · weight`.
 *
 * Shapes: x (…, width); weight (width).
 * Source: Zhang & Sennrich 2019.
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-5·|definition| in float32.
 * Throws: ShapeError.
 */
export function rmsNorm(tape: Tape<{ readonly rmsNorm: RmsNormKernels }>, x: Tensor, weight: Tensor): Tensor {
  expectShape('rmsNorm weight', weight, [columnsOf(x)]);
  const { arena, kernels } = tape.backend;
  const y = tape.tensor(x.shape);
  const scale = arena.allocate([rowsOf(x)]);
  tape.record({
    inputs: [x, weight],
    forward: () => kernels.rmsNorm.forward(x, weight, y, scale),
    backward: ([dx, dweight]) =>
      kernels.rmsNorm.backward(x, weight, scale, y.gradient as Tensor, dx as Gradient, dweight as Gradient),
  });
  return y;
}
