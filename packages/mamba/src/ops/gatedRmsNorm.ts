import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, rowsOf, type Tensor } from '../tensor.ts';
import { rmsNormEpsilon } from './rmsNorm.ts';

export interface GatedRmsNormInputs {
  readonly y: Tensor;
  /** The gate, before SiLU. */
  readonly z: Tensor;
  readonly weight: Tensor;
}

export type GatedRmsNormGradients = { readonly [Name in keyof GatedRmsNormInputs]: Gradient };

export interface GatedRmsNormKernels {
  /** `scale[row, group]` receives 1 / rms for the backward pass; its last dimension is the number of groups. */
  forward(inputs: GatedRmsNormInputs, out: Tensor, scale: Tensor): void;
  /** Recomputes the gate rather than keeping it; `out` is what the forward pass left there. */
  backward(
    inputs: GatedRmsNormInputs,
    out: Tensor,
    scale: Tensor,
    dout: Tensor,
    gradients: GatedRmsNormGradients,
  ): void;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Float64 definition. */
export const gatedRmsNormDefinition: Definition<GatedRmsNormKernels> = {
  forward({ y, z, weight }, out, scale) {
    const groups = columnsOf(scale);
    const width = columnsOf(y) / groups;
    for (let r = 0; r < rowsOf(y); r++) {
      for (let g = 0; g < groups; g++) {
        let squares = 0;
        for (let c = g * width; c < (g + 1) * width; c++) {
          const gate = z.data[r * z.stride + c];
          const v = y.data[r * y.stride + c] * gate * sigmoid(gate);
          out.data[r * out.stride + c] = v;
          squares += v * v;
        }
        const s = 1 / Math.sqrt(squares / width + rmsNormEpsilon);
        scale.data[r * groups + g] = s;
        for (let c = g * width; c < (g + 1) * width; c++) out.data[r * out.stride + c] *= s * weight.data[c];
      }
    }
  },

  backward({ y, z, weight }, out, scale, dout, gradients) {
    const groups = columnsOf(scale);
    const width = columnsOf(y) / groups;
    const { y: dy, z: dz, weight: dweight } = gradients;
    if (!dweight.accumulate) dweight.data.fill(0);
    for (let r = 0; r < rowsOf(y); r++) {
      for (let g = 0; g < groups; g++) {
        const s = scale.data[r * groups + g];
        // Σ dout·weight·v, which is Σ dout·out / s: the gate is not needed for it.
        let projection = 0;
        for (let c = g * width; c < (g + 1) * width; c++) {
          projection += dout.data[r * dout.stride + c] * out.data[r * out.stride + c];
        }
        const along = (projection * s * s) / width;
        for (let c = g * width; c < (g + 1) * width; c++) {
          const yc = y.data[r * y.stride + c];
          const gate = z.data[r * z.stride + c];
          const sigma = sigmoid(gate);
          const v = yc * gate * sigma;
          const d = dout.data[r * dout.stride + c];
          const dv = d * weight.data[c] * s - v * along;
          dweight.data[c] += d * v * s;
          const [dyAt, dzAt] = [r * dy.stride + c, r * dz.stride + c];
          dy.data[dyAt] = (dy.accumulate ? dy.data[dyAt] : 0) + dv * gate * sigma;
          dz.data[dzAt] = (dz.accumulate ? dz.data[dzAt] : 0) + dv * yc * sigma * (1 + gate * (1 - sigma));
        }
      }
    }
  },
};

/**
 * The gate of Mamba-2, then root-mean-square normalisation of each of `groups` equal parts of a row on its own:
 * `v = y·silu(z)`, `out = v / √(mean(v²) + 1e-5) · weight`.
 *
 * Shapes: y, z, out (…, width), y and z may be column views; weight (width); groups a divisor of width.
 * Source: Dao & Gu 2024, §7; `norm_before_gate=False` in the authors' code.
 * Accuracy: |out − definition| ≤ 1e-6 + 1e-5·|definition| in float32.
 * Throws: ShapeError.
 */
export function gatedRmsNorm(
  tape: Tape<{ readonly gatedRmsNorm: GatedRmsNormKernels }>,
  y: Tensor,
  z: Tensor,
  weight: Tensor,
  groups: number,
): Tensor {
  const width = columnsOf(y);
  expectShape('gatedRmsNorm z', z, y.shape);
  expectShape('gatedRmsNorm weight', weight, [width]);
  if (!(Number.isInteger(groups) && groups >= 1 && width % groups === 0)) {
    throw new ShapeError('gatedRmsNorm groups', `a divisor of ${width} columns`, `${groups}`);
  }
  const { arena, kernels } = tape.backend;
  const inputs = { y, z, weight };
  const out = tape.tensor(y.shape);
  const scale = arena.allocate([rowsOf(y), groups]);
  tape.record({
    inputs: [y, z, weight],
    forward: () => kernels.gatedRmsNorm.forward(inputs, out, scale),
    backward: (places) => {
      const [y, z, weight] = places as readonly Gradient[];
      kernels.gatedRmsNorm.backward(inputs, out, scale, out.gradient as Tensor, { y, z, weight });
    },
  });
  return out;
}
