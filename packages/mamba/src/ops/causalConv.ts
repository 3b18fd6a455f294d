import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, type HostTensor, type Tensor } from '../tensor.ts';

/** The kernels' limit, and the authors'. */
const maximumTaps = 4;

export interface CausalConvKernels {
  forward(x: Tensor, weight: Tensor, bias: Tensor, y: Tensor): void;
  /** Recomputes the sum before SiLU rather than keeping it. */
  backward(x: Tensor, weight: Tensor, bias: Tensor, dy: Tensor, dx: Gradient, dweight: Gradient, dbias: Gradient): void;
}

/** The convolution's sum at one place, before SiLU. */
function convolve(
  x: HostTensor,
  weight: HostTensor,
  bias: HostTensor,
  sequence: number,
  t: number,
  channel: number,
): number {
  const width = columnsOf(weight);
  const first = sequence * x.shape[1];
  let sum = bias.data[channel];
  for (let k = 0; k < width; k++) {
    const source = t - (width - 1) + k;
    if (source >= 0) sum += weight.data[channel * width + k] * x.data[(first + source) * x.stride + channel];
  }
  return sum;
}

/** Float64 definition. */
export const causalConvDefinition: Definition<CausalConvKernels> = {
  forward(x, weight, bias, y) {
    const [batch, length, channels] = x.shape;
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < length; t++) {
        for (let c = 0; c < channels; c++) {
          const sum = convolve(x, weight, bias, b, t, c);
          y.data[(b * length + t) * y.stride + c] = sum / (1 + Math.exp(-sum));
        }
      }
    }
  },

  backward(x, weight, bias, dy, dx, dweight, dbias) {
    const [batch, length, channels] = x.shape;
    const width = columnsOf(weight);
    if (!dweight.accumulate) dweight.data.fill(0);
    if (!dbias.accumulate) dbias.data.fill(0);
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < channels; c++) {
        for (let t = 0; t < length && !dx.accumulate; t++) dx.data[(b * length + t) * dx.stride + c] = 0;
        for (let t = 0; t < length; t++) {
          const sum = convolve(x, weight, bias, b, t, c);
          const sigma = 1 / (1 + Math.exp(-sum));
          const dsum = dy.data[(b * length + t) * dy.stride + c] * sigma * (1 + sum * (1 - sigma));
          dbias.data[c] += dsum;
          for (let k = 0; k < width; k++) {
            const source = t - (width - 1) + k;
            if (source < 0) continue;
            dweight.data[c * width + k] += dsum * x.data[(b * length + source) * x.stride + c];
            dx.data[(b * length + source) * dx.stride + c] += dsum * weight.data[c * width + k];
          }
        }
      }
    }
  },
};

/**
 * Causal depthwise convolution, then SiLU: `y[t] = silu(bias + Σₖ weight[k]·x[t − (width − 1) + k])`.
 *
 * Before the first position there are zeros. Shapes: x (batch, length, channels), may be a column view; weight
 * (channels, 1, width), as PyTorch's `Conv1d` has it, width at most 4; bias (channels).
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-5·|definition| in float32.
 * Throws: ShapeError.
 */
export function causalConv(
  tape: Tape<{ readonly causalConv: CausalConvKernels }>,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
): Tensor {
  if (x.shape.length !== 3) throw new ShapeError('causalConv', '(batch, length, channels)', x.shape);
  expectShape('causalConv weight', weight, [columnsOf(x), 1, columnsOf(weight)]);
  if (columnsOf(weight) > maximumTaps) {
    throw new ShapeError('causalConv weight', `at most ${maximumTaps} taps`, weight.shape);
  }
  expectShape('causalConv bias', bias, [columnsOf(x)]);
  const { kernels } = tape.backend;
  const y = tape.tensor(x.shape);
  tape.record({
    inputs: [x, weight, bias],
    forward: () => kernels.causalConv.forward(x, weight, bias, y),
    backward: ([dx, dweight, dbias]) =>
      kernels.causalConv.backward(
        x,
        weight,
        bias,
        y.gradient as Tensor,
        dx as Gradient,
        dweight as Gradient,
        dbias as Gradient,
      ),
  });
  return y;
}
