// Mamba-2's scan position by position: four states of a channel in a vector, so that state, B and C lie as they are.
import { exp2, LOG2E, loadLanes, madd, softplus, splat, storeLanes, sumLanes } from './math';

/** `y = h·C + D·x`; strides are in bytes. `h` is (batch, heads, headDim, state). */
export function ssdStepForward(
  batch: i32,
  length: i32,
  heads: i32,
  headDim: i32,
  groups: i32,
  state: i32,
  x: usize,
  xRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  ALog: usize,
  D: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  h: usize,
  y: usize,
): void {
  const stateRow = <usize>state << 2;
  const yRow = <usize>(heads * headDim) << 2;
  for (let head = 0; head < heads; head++) {
    const place = <usize>head << 2;
    const group = <usize>((head * groups) / heads) * stateRow;
    const bias = load<f32>(dtBias + place);
    const skip = load<f32>(D + place);
    // A·log2(e), so that exp(Δ·A) is exp2(Δ·that).
    const rate = f32x4.mul(exp2(f32x4.mul(v128.load32_splat(ALog + place), splat(LOG2E))), splat(-LOG2E));
    for (let b = 0; b < batch; b++) {
      const states = h + <usize>((b * heads + head) * headDim) * stateRow;
      for (let t = 0; t < length; t++) {
        const row = <usize>(b * length + t);
        const Bt = B + row * BRow + group;
        const Ct = C + row * CRow + group;
        const delta = softplus(splat(load<f32>(dt + row * dtRow + place) + bias));
        const decay = exp2(f32x4.mul(delta, rate));
        for (let p = 0; p < headDim; p++) {
          const column = <usize>(head * headDim + p) << 2;
          const carried = states + <usize>p * stateRow;
          const xt = load<f32>(x + row * xRow + column);
          const drive = f32x4.mul(delta, splat(xt));
          let sum = splat(0);
          for (let n = 0; n < state; n += 4) {
            const at = <usize>n << 2;
            const count = state - n;
            const input = f32x4.mul(drive, loadLanes(Bt + at, count));
            const after = madd(decay, loadLanes(carried + at, count), input);
            storeLanes(carried + at, after, count);
            sum = madd(after, loadLanes(Ct + at, count), sum);
          }
          store<f32>(y + row * yRow + column, sumLanes(sum) + skip * xt);
        }
      }
    }
  }
}
