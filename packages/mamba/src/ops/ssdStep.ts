import { SettingError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Tensor } from '../tensor.ts';
import { expectSsdShapes, type SsdInputs, ssdSizes } from './ssd.ts';

export interface SsdStepKernels {
  /** Reads and replaces the state h. */
  forward(inputs: SsdInputs, groups: number, h: Tensor, y: Tensor): void;
}

const softplus = (x: number): number => (x > 20 ? x : Math.log1p(Math.exp(x)));

/** Float64 definition. */
export const ssdStepDefinition: Definition<SsdStepKernels> = {
  forward(inputs, groups, h, y) {
    const { x, dt, dtBias, ALog, B, C, D } = inputs;
    const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
    for (let b = 0; b < batch; b++) {
      for (let head = 0; head < heads; head++) {
        const group = Math.floor((head * groups) / heads) * state;
        const A = -Math.exp(ALog.data[head]);
        for (let t = 0; t < length; t++) {
          const row = b * length + t;
          const delta = softplus(dt.data[row * dt.stride + head] + dtBias.data[head]);
          const decay = Math.exp(delta * A);
          for (let p = 0; p < headDim; p++) {
            const channel = head * headDim + p;
            const xt = x.data[row * x.stride + channel];
            let sum = D.data[head] * xt;
            for (let n = 0; n < state; n++) {
              const at = ((b * heads + head) * headDim + p) * state + n;
              h.data[at] = decay * h.data[at] + delta * xt * B.data[row * B.stride + group + n];
              sum += h.data[at] * C.data[row * C.stride + group + n];
            }
            y.data[row * y.stride + channel] = sum;
          }
        }
      }
    }
  },
};

/**
 * ssd on the next positions of a sequence: h, zeros at the beginning, is the state before them, and afterwards the state
 * after them. Only for a tape that predicts.
 *
 * Shapes: as ssd, any number of states; h (batch, heads, headDim, state).
 * Accuracy: as ssd.
 * Throws: ShapeError; SettingError on a tape that trains.
 */
export function ssdStep(
  tape: Tape<{ readonly ssdStep: SsdStepKernels }>,
  inputs: SsdInputs,
  groups: number,
  h: Tensor,
): Tensor {
  if (tape.differentiable) throw new SettingError('ssdStep', 'be recorded on a tape that predicts', 'another');
  expectSsdShapes('ssdStep', inputs, groups);
  const { batch, heads, headDim, state } = ssdSizes(inputs, groups);
  expectShape('ssdStep h', h, [batch, heads, headDim, state]);
  expectContiguous('ssdStep h', h);
  const { kernels } = tape.backend;
  const y = tape.tensor(inputs.x.shape);
  tape.record({ inputs: [], forward: () => kernels.ssdStep.forward(inputs, groups, h, y), backward() {} });
  return y;
}
