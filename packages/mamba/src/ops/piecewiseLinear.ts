import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectShape, type Gradient, type Tensor } from '../tensor.ts';

/** One token per numeric feature. */
export interface PiecewiseInputs {
  /** (rows, features); NaN where a value is missing. */
  readonly x: Tensor;
  /** (features, bins + 1), ascending in each row. */
  readonly edges: Tensor;
  /** (features, bins, width) */
  readonly weight: Tensor;
  /** (features, width) */
  readonly bias: Tensor;
  /** (features, width): the token of a missing value. */
  readonly mask: Tensor;
}

export interface PiecewiseGradients {
  readonly weight: Gradient;
  readonly bias: Gradient;
  readonly mask: Gradient;
}

export interface PiecewiseLinearKernels {
  /** Writes feature f's token at position `positions[f]` of y (rows, tokens, width). */
  forward(inputs: PiecewiseInputs, positions: readonly number[], y: Tensor): void;
  backward(inputs: PiecewiseInputs, positions: readonly number[], dy: Tensor, gradients: PiecewiseGradients): void;
}

/** How far x has come through a bin: 0 before it, 1 after it. A bin of no width is a step. */
export function encodePiece(x: number, from: number, to: number): number {
  if (x >= to) return 1;
  return x <= from ? 0 : (x - from) / (to - from);
}

/** Float64 definition. */
export const piecewiseLinearDefinition: Definition<PiecewiseLinearKernels> = {
  forward({ x, edges, weight, bias, mask }, positions, y) {
    const [features, bins, width] = weight.shape;
    const tokens = y.shape[1];
    for (let r = 0; r < x.shape[0]; r++) {
      for (let f = 0; f < features; f++) {
        const value = x.data[r * features + f];
        const base = (r * tokens + positions[f]) * width;
        const missing = Number.isNaN(value);
        for (let c = 0; c < width; c++) y.data[base + c] = (missing ? mask : bias).data[f * width + c];
        for (let j = 0; j < bins && !missing; j++) {
          const share = encodePiece(value, edges.data[f * (bins + 1) + j], edges.data[f * (bins + 1) + j + 1]);
          for (let c = 0; c < width && share > 0; c++) {
            y.data[base + c] += share * weight.data[(f * bins + j) * width + c];
          }
        }
      }
    }
  },

  backward({ x, edges, weight }, positions, dy, gradients) {
    const [features, bins, width] = weight.shape;
    const tokens = dy.shape[1];
    for (const gradient of [gradients.weight, gradients.bias, gradients.mask]) {
      if (!gradient.accumulate) gradient.data.fill(0);
    }
    for (let r = 0; r < x.shape[0]; r++) {
      for (let f = 0; f < features; f++) {
        const value = x.data[r * features + f];
        const base = (r * tokens + positions[f]) * width;
        const missing = Number.isNaN(value);
        const direct = missing ? gradients.mask : gradients.bias;
        for (let c = 0; c < width; c++) direct.data[f * width + c] += dy.data[base + c];
        for (let j = 0; j < bins && !missing; j++) {
          const share = encodePiece(value, edges.data[f * (bins + 1) + j], edges.data[f * (bins + 1) + j + 1]);
          for (let c = 0; c < width && share > 0; c++) {
            gradients.weight.data[(f * bins + j) * width + c] += share * dy.data[base + c];
          }
        }
      }
    }
  },
};

/**
 * Numeric features to tokens: `token[f] = bias[f] + Σⱼ share(x[f] in bin j)·weight[f, j]`; a missing value (NaN) is
 * `mask[f]` instead.
 *
 * The share is clamped at both ends: a value beyond the edges counts as far as the edges go. x and the edges get no
 * derivative. Shapes: see PiecewiseInputs; y (rows, tokens, width), of which this writes the given positions.
 * Source: Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning", §3.2.
 * Throws: ShapeError.
 */
export function piecewiseLinear(
  tape: Tape<{ readonly piecewiseLinear: PiecewiseLinearKernels }>,
  inputs: PiecewiseInputs,
  positions: readonly number[],
  y: Tensor,
): void {
  const { x, edges, weight, bias, mask } = inputs;
  const [features, bins, width] = weight.shape;
  const [rows, , columns] = y.shape;
  expectShape('piecewiseLinear x', x, [rows, features]);
  expectShape('piecewiseLinear edges', edges, [features, bins + 1]);
  expectShape('piecewiseLinear bias', bias, [features, width]);
  expectShape('piecewiseLinear mask', mask, [features, width]);
  if (columns !== width || positions.length !== features || positions.some((p) => !(p >= 0 && p < y.shape[1]))) {
    throw new ShapeError('piecewiseLinear', `${features} positions in tokens of width ${width}`, y.shape);
  }
  const { kernels } = tape.backend;
  tape.record({
    inputs: [weight, bias, mask],
    forward: () => kernels.piecewiseLinear.forward(inputs, positions, y),
    backward: (places) => {
      const [weight, bias, mask] = places as readonly Gradient[];
      kernels.piecewiseLinear.backward(inputs, positions, y.gradient as Tensor, { weight, bias, mask });
    },
  });
}
