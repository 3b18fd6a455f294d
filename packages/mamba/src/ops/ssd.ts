import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, type HostGradient, type Tensor } from '../tensor.ts';

/** What Mamba-2's scan reads; the field's own letters, see docs/mamba.md. */
export interface SsdInputs {
  readonly x: Tensor;
  /** Δ before bias and softplus. */
  readonly dt: Tensor;
  readonly dtBias: Tensor;
  readonly ALog: Tensor;
  readonly B: Tensor;
  readonly C: Tensor;
  readonly D: Tensor;
}

export type SsdGradients = { readonly [Name in keyof SsdInputs]: Gradient };

export interface SsdKernels {
  /** `states` receives the state at the end of every chunk but the last: all that the backward pass needs. */
  forward(inputs: SsdInputs, groups: number, y: Tensor, states: Tensor): void;
  /** `dstate` is room for the derivative by the state between two chunks. */
  backward(
    inputs: SsdInputs,
    groups: number,
    states: Tensor,
    dy: Tensor,
    dstate: Tensor,
    gradients: SsdGradients,
  ): void;
}

/** Positions worked on as matrices, between two stored states. */
export const ssdChunk = 64;

/** What one panel of the kernels' matrix products holds. */
const maximumState = 512;

/** Above this, softplus(x) = x; as in PyTorch and the authors' kernels. */
const softplusThreshold = 20;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => (x > softplusThreshold ? x : Math.log1p(Math.exp(x)));
const softplusSlope = (x: number): number => (x > softplusThreshold ? 1 : sigmoid(x));

export interface SsdSizes {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly headDim: number;
  readonly state: number;
}

/** The sizes that the shapes imply, once they are checked. */
export function ssdSizes({ x, dt, B }: SsdInputs, groups: number): SsdSizes {
  const [batch, length, inner] = x.shape;
  const heads = columnsOf(dt);
  return { batch, length, heads, headDim: inner / heads, state: columnsOf(B) / groups };
}

/** Throws unless the shapes fit together. */
export function expectSsdShapes(where: string, inputs: SsdInputs, groups: number): void {
  const { x, dt, dtBias, ALog, B, C, D } = inputs;
  if (x.shape.length !== 3) throw new ShapeError(`${where} x`, '(batch, length, inner)', x.shape);
  const [batch, length, inner] = x.shape;
  const heads = columnsOf(dt);
  expectShape(`${where} dt`, dt, [batch, length, heads]);
  if (inner % heads !== 0) throw new ShapeError(`${where} x`, `a multiple of ${heads} heads`, x.shape);
  if (!(Number.isInteger(groups) && groups >= 1 && heads % groups === 0)) {
    throw new ShapeError(`${where} groups`, `a divisor of ${heads} heads`, `${groups}`);
  }
  const width = columnsOf(B);
  if (width % groups !== 0) throw new ShapeError(`${where} B`, `a multiple of ${groups} groups`, B.shape);
  expectShape(`${where} B`, B, [batch, length, width]);
  expectShape(`${where} C`, C, [batch, length, width]);
  expectShape(`${where} dtBias`, dtBias, [heads]);
  expectShape(`${where} ALog`, ALog, [heads]);
  expectShape(`${where} D`, D, [heads]);
}

function clearUnlessAccumulating(gradient: HostGradient, rows: number): void {
  if (gradient.accumulate) return;
  const width = columnsOf(gradient);
  for (let row = 0; row < rows; row++) gradient.data.fill(0, row * gradient.stride, row * gradient.stride + width);
}

/** Float64 definition: the recurrence itself. It keeps every state of one channel, which the kernels do not. */
export const ssdDefinition: Definition<SsdKernels> = {
  forward(inputs, groups, y) {
    const { x, dt, dtBias, ALog, B, C, D } = inputs;
    const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
    const h = new Float64Array(headDim * state);
    for (let b = 0; b < batch; b++) {
      for (let head = 0; head < heads; head++) {
        const group = Math.floor((head * groups) / heads) * state;
        const A = -Math.exp(ALog.data[head]);
        h.fill(0);
        for (let t = 0; t < length; t++) {
          const row = b * length + t;
          const delta = softplus(dt.data[row * dt.stride + head] + dtBias.data[head]);
          const decay = Math.exp(delta * A);
          for (let p = 0; p < headDim; p++) {
            const channel = head * headDim + p;
            const xt = x.data[row * x.stride + channel];
            let sum = D.data[head] * xt;
            for (let n = 0; n < state; n++) {
              const at = p * state + n;
              h[at] = decay * h[at] + delta * xt * B.data[row * B.stride + group + n];
              sum += h[at] * C.data[row * C.stride + group + n];
            }
            y.data[row * y.stride + channel] = sum;
          }
        }
      }
    }
  },

  backward(inputs, groups, _states, dy, _dstate, gradients) {
    const { x, dt, dtBias, ALog, B, C, D } = inputs;
    const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
    for (const name of ['dtBias', 'ALog', 'D'] as const) {
      if (!gradients[name].accumulate) gradients[name].data.fill(0);
    }
    for (const name of ['x', 'dt', 'B', 'C'] as const) clearUnlessAccumulating(gradients[name], batch * length);
    // h[t + 1] is the state after position t.
    const h = new Float64Array((length + 1) * state);
    const dh = new Float64Array(state);
    const ddelta = new Float64Array(length);
    for (let b = 0; b < batch; b++) {
      for (let head = 0; head < heads; head++) {
        const group = Math.floor((head * groups) / heads) * state;
        const A = -Math.exp(ALog.data[head]);
        const raw = Float64Array.from({ length }, (_, t) => {
          return dt.data[(b * length + t) * dt.stride + head] + dtBias.data[head];
        });
        const delta = raw.map(softplus);
        const decay = delta.map((value) => Math.exp(value * A));
        ddelta.fill(0);
        for (let channel = head * headDim; channel < (head + 1) * headDim; channel++) {
          for (let t = 0; t < length; t++) {
            const row = b * length + t;
            const drive = delta[t] * x.data[row * x.stride + channel];
            for (let n = 0; n < state; n++) {
              h[(t + 1) * state + n] = decay[t] * h[t * state + n] + drive * B.data[row * B.stride + group + n];
            }
          }
          dh.fill(0);
          for (let t = length - 1; t >= 0; t--) {
            const row = b * length + t;
            const xt = x.data[row * x.stride + channel];
            const dyt = dy.data[row * dy.stride + channel];
            let dx = dyt * D.data[head];
            for (let n = 0; n < state; n++) {
              const Bn = B.data[row * B.stride + group + n];
              const before = h[t * state + n];
              dh[n] += dyt * C.data[row * C.stride + group + n];
              gradients.C.data[row * gradients.C.stride + group + n] += dyt * h[(t + 1) * state + n];
              gradients.B.data[row * gradients.B.stride + group + n] += dh[n] * delta[t] * xt;
              // A = −exp(A_log), so ∂A/∂A_log = A.
              gradients.ALog.data[head] += dh[n] * delta[t] * decay[t] * before * A;
              ddelta[t] += dh[n] * (A * decay[t] * before + Bn * xt);
              dx += dh[n] * delta[t] * Bn;
              dh[n] *= decay[t];
            }
            gradients.x.data[row * gradients.x.stride + channel] += dx;
            gradients.D.data[head] += dyt * xt;
          }
        }
        for (let t = 0; t < length; t++) {
          const draw = ddelta[t] * softplusSlope(raw[t]);
          gradients.dt.data[(b * length + t) * gradients.dt.stride + head] += draw;
          gradients.dtBias.data[head] += draw;
        }
      }
    }
  },
};

/**
 * Mamba-2's scan: heads that share B and C by groups, and one decay a head. With `Δ = softplus(dt + dtBias)` and
 * `A = −exp(ALog)`, `h[t] = exp(Δ[t]·A)·h[t−1] + Δ[t]·x[t] ⊗ B[t]`, `y[t] = h[t]·C[t] + D·x[t]`.
 *
 * Shapes: x, y (batch, length, inner), inner = heads · headDim; dt (batch, length, heads); dtBias, ALog, D (heads);
 * B, C (batch, length, groups · state), of which head i reads group ⌊i · groups / heads⌋; state at most 512.
 * x, dt, B and C may be column views. Memory: one state (headDim, state) per head and 64 positions.
 * Source: Dao & Gu 2024, Mamba-2, §6: quadratic inside chunks, recurrent between them.
 * Accuracy: |y − definition| ≤ 1e-6 + 1e-5·(largest |definition|) in float32. A NaN or infinity in x may spoil up to seven
 * positions before it, which weigh it with zero.
 * Throws: ShapeError.
 */
export function ssd(tape: Tape<{ readonly ssd: SsdKernels }>, inputs: SsdInputs, groups: number): Tensor {
  expectSsdShapes('ssd', inputs, groups);
  const { x, dt, dtBias, ALog, B, C, D } = inputs;
  const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
  if (state > maximumState) throw new ShapeError('ssd B', `at most ${maximumState} states a group`, `${state}`);
  const { arena, kernels } = tape.backend;
  const y = tape.tensor(x.shape);
  const between = Math.ceil(length / ssdChunk) - 1;
  const states = arena.allocate([batch, between, heads, state, headDim]);
  const dstate = arena.allocate([tape.differentiable && between > 0 ? heads : 0, state, headDim]);
  tape.record({
    inputs: [x, dt, dtBias, ALog, B, C, D],
    forward: () => kernels.ssd.forward(inputs, groups, y, states),
    backward: (places) => {
      const [x, dt, dtBias, ALog, B, C, D] = places as readonly Gradient[];
      const gradients = { x, dt, dtBias, ALog, B, C, D };
      kernels.ssd.backward(inputs, groups, states, y.gradient as Tensor, dstate, gradients);
    },
  });
  return y;
}
