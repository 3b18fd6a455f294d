// Few positions and every state kept: four states of a channel in a vector, so that state, A, B and C lie as they are.
import { exp2, LOG2E, loadLanes, madd, sigmoid, softplus, splat, storeLanes, sumLanes } from './math';

/** `y = (Σ C·h + D·u)·silu(z)`; strides are in bytes. `h` is (batch, inner, state). Scratch holds a channel's rates. */
export function scanStepForward(
  batch: i32,
  length: i32,
  inner: i32,
  state: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  ALog: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  D: usize,
  z: usize,
  zRow: usize,
  h: usize,
  y: usize,
  scratch: usize,
): void {
  const stateBytes = <usize>state << 2;
  const yRow = <usize>inner << 2;
  for (let d = 0; d < inner; d++) {
    const column = <usize>d << 2;
    const bias = load<f32>(dtBias + column);
    const skip = load<f32>(D + column);
    // A·log2(e), so that exp(Δ·A) is exp2(Δ·that).
    for (let n = 0; n < state; n += 4) {
      const at = <usize>n << 2;
      const log = loadLanes(ALog + <usize>d * stateBytes + at, state - n);
      v128.store(scratch + at, f32x4.mul(exp2(f32x4.mul(log, splat(LOG2E))), splat(-LOG2E)));
    }
    for (let b = 0; b < batch; b++) {
      const states = h + <usize>(b * inner + d) * stateBytes;
      for (let t = 0; t < length; t++) {
        const row = <usize>(b * length + t);
        const ut = load<f32>(u + row * uRow + column);
        const delta = softplus(splat(load<f32>(dt + row * dtRow + column) + bias));
        const drive = f32x4.mul(delta, splat(ut));
        let sum = splat(0);
        for (let n = 0; n < state; n += 4) {
          const at = <usize>n << 2;
          const count = state - n;
          const decay = exp2(f32x4.mul(delta, v128.load(scratch + at)));
          const input = f32x4.mul(drive, loadLanes(B + row * BRow + at, count));
          const carried = madd(decay, loadLanes(states + at, count), input);
          storeLanes(states + at, carried, count);
          sum = madd(carried, loadLanes(C + row * CRow + at, count), sum);
        }
        const gate = load<f32>(z + row * zRow + column);
        const open = gate * f32x4.extract_lane(sigmoid(splat(gate)), 0);
        store<f32>(y + row * yRow + column, (sumLanes(sum) + skip * ut) * open);
      }
    }
  }
}
