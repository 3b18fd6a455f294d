import { SettingError, ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Tensor } from '../tensor.ts';
import type { ScanInputs } from './selectiveScan.ts';

export interface ScanStepKernels {
  /** Reads and replaces the state h. */
  forward(inputs: ScanInputs, h: Tensor, y: Tensor): void;
}

/** What the kernels' working memory has room for eight times over. */
const maximumState = 65536;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => (x > 20 ? x : Math.log1p(Math.exp(x)));

/** Float64 definition. */
export const scanStepDefinition: Definition<ScanStepKernels> = {
  forward({ u, dt, dtBias, ALog, B, C, D, z }, h, y) {
    const [batch, length, inner] = u.shape;
    const state = ALog.shape[1];
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < length; t++) {
        const row = b * length + t;
        for (let d = 0; d < inner; d++) {
          const ut = u.data[row * u.stride + d];
          const delta = softplus(dt.data[row * dt.stride + d] + dtBias.data[d]);
          let sum = D.data[d] * ut;
          for (let n = 0; n < state; n++) {
            const A = -Math.exp(ALog.data[d * state + n]);
            const at = (b * inner + d) * state + n;
            h.data[at] = Math.exp(delta * A) * h.data[at] + delta * B.data[row * B.stride + n] * ut;
            sum += C.data[row * C.stride + n] * h.data[at];
          }
          const gate = z.data[row * z.stride + d];
          y.data[row * y.stride + d] = sum * gate * sigmoid(gate);
        }
      }
    }
  },
};

/**
 * selectiveScan on the next positions of a sequence: h, zeros at the beginning, is the state before them, and
 * afterwards the state after them. Only for a tape that predicts.
 *
 * Shapes: as selectiveScan; h (batch, inner, state).
 * Accuracy: as selectiveScan.
 * Throws: ShapeError; SettingError on a tape that trains.
 */
export function scanStep(tape: Tape<{ readonly scanStep: ScanStepKernels }>, inputs: ScanInputs, h: Tensor): Tensor {
  const { u, dt, dtBias, ALog, B, C, D, z } = inputs;
  if (tape.differentiable) throw new SettingError('scanStep', 'be recorded on a tape that predicts', 'another');
  if (u.shape.length !== 3) throw new ShapeError('scanStep u', '(batch, length, inner)', u.shape);
  const [batch, length, inner] = u.shape;
  const state = ALog.shape[1];
  expectShape('scanStep dt', dt, u.shape);
  expectShape('scanStep z', z, u.shape);
  expectShape('scanStep ALog', ALog, [inner, state]);
  if (state > maximumState) throw new ShapeError('scanStep ALog', `at most ${maximumState} states`, ALog.shape);
  expectShape('scanStep B', B, [batch, length, state]);
  expectShape('scanStep C', C, [batch, length, state]);
  expectShape('scanStep D', D, [inner]);
  expectShape('scanStep dtBias', dtBias, [inner]);
  expectShape('scanStep h', h, [batch, inner, state]);
  expectContiguous('scanStep h', h);
  const { kernels } = tape.backend;
  const y = tape.tensor(u.shape);
  tape.record({ inputs: [], forward: () => kernels.scanStep.forward(inputs, h, y), backward() {} });
  return y;
}
