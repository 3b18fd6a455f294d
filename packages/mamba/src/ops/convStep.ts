import { SettingError, ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectContiguous, expectShape, type Tensor } from '../tensor.ts';

export interface ConvStepKernels {
  /** Reads and replaces `window`, the inputs of the last width − 1 positions. */
  forward(x: Tensor, weight: Tensor, bias: Tensor, window: Tensor, y: Tensor): void;
}

/** The kernels' limit, as causalConv's. */
const maximumTaps = 4;

/** Float64 definition. */
export const convStepDefinition: Definition<ConvStepKernels> = {
  forward(x, weight, bias, window, y) {
    const [batch, length, channels] = x.shape;
    const width = columnsOf(weight);
    const before = width - 1;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < channels; c++) {
        /** The input at position t, which lies in the window where it is negative. */
        const inputAt = (t: number): number =>
          t < 0 ? window.data[(b * before + before + t) * channels + c] : x.data[(b * length + t) * x.stride + c];
        for (let t = 0; t < length; t++) {
          let sum = bias.data[c];
          for (let k = 0; k < width; k++) sum += weight.data[c * width + k] * inputAt(t - before + k);
          y.data[(b * length + t) * y.stride + c] = sum / (1 + Math.exp(-sum));
        }
        for (let k = 0; k < before; k++) window.data[(b * before + k) * channels + c] = inputAt(length - before + k);
      }
    }
  },
};

/**
 * causalConv on the next positions of a sequence: `window`, zeros at the beginning, holds the inputs before them, and
 * afterwards the last of these. Only for a tape that predicts.
 *
 * Shapes: x (batch, length, channels), may be a column view; weight (channels, 1, width), width at most 4; bias
 * (channels); window (batch, width − 1, channels).
 * Accuracy: as causalConv.
 * Throws: ShapeError; SettingError on a tape that trains.
 */
export function convStep(
  tape: Tape<{ readonly convStep: ConvStepKernels }>,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  window: Tensor,
): Tensor {
  if (tape.differentiable) throw new SettingError('convStep', 'be recorded on a tape that predicts', 'another');
  if (x.shape.length !== 3) throw new ShapeError('convStep', '(batch, length, channels)', x.shape);
  const width = columnsOf(weight);
  expectShape('convStep weight', weight, [columnsOf(x), 1, width]);
  if (width > maximumTaps) throw new ShapeError('convStep weight', `at most ${maximumTaps} taps`, weight.shape);
  expectShape('convStep bias', bias, [columnsOf(x)]);
  expectShape('convStep window', window, [x.shape[0], width - 1, columnsOf(x)]);
  expectContiguous('convStep window', window);
  const { kernels } = tape.backend;
  const y = tape.tensor(x.shape);
  tape.record({ inputs: [], forward: () => kernels.convStep.forward(x, weight, bias, window, y), backward() {} });
  return y;
}
