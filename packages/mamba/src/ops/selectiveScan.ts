import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { type Definition, expectShape, type Gradient, type HostGradient, type Tensor } from '../tensor.ts';

/** What a scan reads; the field's own letters, see docs/mamba.md. */
export interface ScanInputs {
  readonly u: Tensor;
  /** Δ before bias and softplus. */
  readonly dt: Tensor;
  readonly dtBias: Tensor;
  readonly ALog: Tensor;
  readonly B: Tensor;
  readonly C: Tensor;
  readonly D: Tensor;
  readonly z: Tensor;
}

export type ScanGradients = { readonly [Name in keyof ScanInputs]: Gradient };

export interface SelectiveScanKernels {
  /** `states` receives the state at the end of every chunk but the last: all that the backward pass needs. */
  forward(inputs: ScanInputs, y: Tensor, states: Tensor): void;
  backward(inputs: ScanInputs, states: Tensor, dy: Tensor, gradients: ScanGradients): void;
}

/** Positions between two stored states. The backward pass recomputes what lies between them. */
export const scanChunk = 64;

/** What the kernels' working memory, 2 MiB, has room for (708), rounded down. */
const maximumState = 512;

/** Channels that the kernels work on together; stored states come in whole blocks of them. */
const scanBlock = 64;

/** Above this, softplus(x) = x; as in PyTorch and the authors' kernels. */
const softplusThreshold = 20;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => (x > softplusThreshold ? x : Math.log1p(Math.exp(x)));
const softplusSlope = (x: number): number => (x > softplusThreshold ? 1 : sigmoid(x));

function clearUnlessAccumulating(gradient: HostGradient, batch: number, length: number): void {
  if (gradient.accumulate) return;
  const width = gradient.shape[2];
  for (let row = 0; row < batch * length; row++) {
    gradient.data.fill(0, row * gradient.stride, row * gradient.stride + width);
  }
}

/** Float64 definition. It keeps every state of one channel, which the kernels do not. */
export const selectiveScanDefinition: Definition<SelectiveScanKernels> = {
  forward({ u, dt, dtBias, ALog, B, C, D, z }, y) {
    const [batch, length, inner] = u.shape;
    const state = ALog.shape[1];
    const h = new Float64Array(state);
    for (let b = 0; b < batch; b++) {
      for (let d = 0; d < inner; d++) {
        h.fill(0);
        for (let t = 0; t < length; t++) {
          const row = b * length + t;
          const ut = u.data[row * u.stride + d];
          const delta = softplus(dt.data[row * dt.stride + d] + dtBias.data[d]);
          let sum = D.data[d] * ut;
          for (let n = 0; n < state; n++) {
            const A = -Math.exp(ALog.data[d * state + n]);
            h[n] = Math.exp(delta * A) * h[n] + delta * B.data[row * B.stride + n] * ut;
            sum += C.data[row * C.stride + n] * h[n];
          }
          const gate = z.data[row * z.stride + d];
          y.data[row * y.stride + d] = sum * gate * sigmoid(gate);
        }
      }
    }
  },

  backward({ u, dt, dtBias, ALog, B, C, D, z }, _states, dy, gradients) {
    const [batch, length, inner] = u.shape;
    const state = ALog.shape[1];
    for (const name of ['dtBias', 'ALog', 'D'] as const) {
      if (!gradients[name].accumulate) gradients[name].data.fill(0);
    }
    for (const name of ['u', 'dt', 'B', 'C', 'z'] as const) clearUnlessAccumulating(gradients[name], batch, length);
    // h[t + 1] is the state after position t.
    const h = new Float64Array((length + 1) * state);
    const dh = new Float64Array(state);
    for (let b = 0; b < batch; b++) {
      for (let d = 0; d < inner; d++) {
        for (let t = 0; t < length; t++) {
          const row = b * length + t;
          const delta = softplus(dt.data[row * dt.stride + d] + dtBias.data[d]);
          const drive = delta * u.data[row * u.stride + d];
          for (let n = 0; n < state; n++) {
            const A = -Math.exp(ALog.data[d * state + n]);
            h[(t + 1) * state + n] = Math.exp(delta * A) * h[t * state + n] + drive * B.data[row * B.stride + n];
          }
        }
        dh.fill(0);
        for (let t = length - 1; t >= 0; t--) {
          const row = b * length + t;
          const ut = u.data[row * u.stride + d];
          const raw = dt.data[row * dt.stride + d] + dtBias.data[d];
          const delta = softplus(raw);
          const gate = z.data[row * z.stride + d];
          const sigma = sigmoid(gate);
          const dyt = dy.data[row * dy.stride + d];
          const dsum = dyt * gate * sigma;
          let sum = D.data[d] * ut;
          let ddelta = 0;
          let du = dsum * D.data[d];
          for (let n = 0; n < state; n++) {
            const Bn = B.data[row * B.stride + n];
            const Cn = C.data[row * C.stride + n];
            const A = -Math.exp(ALog.data[d * state + n]);
            const decay = Math.exp(delta * A);
            const before = h[t * state + n];
            const after = h[(t + 1) * state + n];
            sum += Cn * after;
            dh[n] += dsum * Cn;
            gradients.C.data[row * gradients.C.stride + n] += dsum * after;
            gradients.B.data[row * gradients.B.stride + n] += dh[n] * delta * ut;
            // A = −exp(A_log), so ∂A/∂A_log = A.
            gradients.ALog.data[d * state + n] += dh[n] * delta * decay * before * A;
            ddelta += dh[n] * (A * decay * before + Bn * ut);
            du += dh[n] * delta * Bn;
            dh[n] *= decay;
          }
          gradients.u.data[row * gradients.u.stride + d] += du;
          gradients.D.data[d] += dsum * ut;
          gradients.z.data[row * gradients.z.stride + d] += dyt * sum * sigma * (1 + gate * (1 - sigma));
          const draw = ddelta * softplusSlope(raw);
          gradients.dt.data[row * gradients.dt.stride + d] += draw;
          gradients.dtBias.data[d] += draw;
        }
      }
    }
  },
};

/**
 * Selective scan with everything around it in one: with `Δ = softplus(dt + dtBias)` and `A = −exp(ALog)`,
 * `h[t] = exp(Δ[t]·A)·h[t−1] + Δ[t]·B[t]·u[t]`, `y[t] = (C[t]·h[t] + D·u[t])·silu(z[t])`.
 *
 * A is discretised exactly, B by Euler's rule, as the authors' code does.
 * Shapes: u, dt, z, y (batch, length, inner); ALog (inner, state); B, C (batch, length, state); D, dtBias (inner).
 * dt, z, B and C may be column views. Memory: one state per 64 positions; nothing of shape
 * (batch, length, inner, state) exists at any time.
 * Source: Gu & Dao 2023, Algorithm 2.
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-5·|definition| in float32.
 * Throws: ShapeError.
 */
export function selectiveScan(
  tape: Tape<{ readonly selectiveScan: SelectiveScanKernels }>,
  inputs: ScanInputs,
): Tensor {
  const { u, dt, dtBias, ALog, B, C, D, z } = inputs;
  if (u.shape.length !== 3) throw new ShapeError('selectiveScan u', '(batch, length, inner)', u.shape);
  const [batch, length, inner] = u.shape;
  const state = ALog.shape[1];
  expectShape('selectiveScan dt', dt, u.shape);
  expectShape('selectiveScan z', z, u.shape);
  expectShape('selectiveScan ALog', ALog, [inner, state]);
  if (state > maximumState) throw new ShapeError('selectiveScan ALog', `at most ${maximumState} states`, ALog.shape);
  expectShape('selectiveScan B', B, [batch, length, state]);
  expectShape('selectiveScan C', C, [batch, length, state]);
  expectShape('selectiveScan D', D, [inner]);
  expectShape('selectiveScan dtBias', dtBias, [inner]);
  const { arena, kernels } = tape.backend;
  const y = tape.tensor(u.shape);
  const states = arena.allocate([
    batch,
    Math.ceil(length / scanChunk) - 1,
    Math.ceil(inner / scanBlock),
    state,
    scanBlock,
  ]);
  tape.record({
    inputs: [u, dt, dtBias, ALog, B, C, D, z],
    forward: () => kernels.selectiveScan.forward(inputs, y, states),
    backward: (places) => {
      const [u, dt, dtBias, ALog, B, C, D, z] = places as readonly Gradient[];
      kernels.selectiveScan.backward(inputs, states, y.gradient as Tensor, { u, dt, dtBias, ALog, B, C, D, z });
    },
  });
  return y;
}
