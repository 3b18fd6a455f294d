// What the scan's two directions share: the layout of scratch memory, and how a chunk begins.
import { exp2, LOG2E, loadLanes, softplus, splat } from './math';

/** Positions between two stored states; the host allocates them by the same number. */
export const CHUNK = 64;
/** Channels worked on together. */
export const BLOCK = 64;
@inline export const BLOCK_ROW: usize = 256;
/** One array of (position, channel) in scratch memory. */
@inline export const PLANE: usize = 16384;

// Scratch memory: planes, two states of four channels over a chunk, then what depends on the number of states.
@inline export const DELTA: usize = 0;
@inline export const DRIVE: usize = PLANE;
@inline export const SUM: usize = 2 * PLANE;
@inline export const DSUM: usize = 3 * PLANE;
@inline export const VIA_B: usize = 4 * PLANE;
@inline export const VIA_A: usize = 5 * PLANE;
@inline export const H: usize = 6 * PLANE;
@inline export const DECAY: usize = 6 * PLANE + 2048;
@inline export const BY_STATE: usize = 6 * PLANE + 4096;
/** From one position to the next in H and DECAY: two states. */
@inline export const PAIR: usize = 32;

/** A·log2(e) by rows of a state's channels, so that exp(Δ·A) is exp2(Δ·that); channels beyond the last get 0. */
export function loadDecayRates(ALog: usize, state: i32, channels: i32, to: usize): void {
  for (let n = 0; n < state; n++) {
    for (let d = 0; d < channels; d += 4) {
      let log = splat(0);
      const from = ALog + (<usize>(d * state + n) << 2);
      const step = <usize>state << 2;
      const count = channels - d;
      log = f32x4.replace_lane(log, 0, load<f32>(from));
      if (count > 1) log = f32x4.replace_lane(log, 1, load<f32>(from + step));
      if (count > 2) log = f32x4.replace_lane(log, 2, load<f32>(from + 2 * step));
      if (count > 3) log = f32x4.replace_lane(log, 3, load<f32>(from + 3 * step));
      v128.store(to + <usize>n * BLOCK_ROW + (<usize>d << 2), f32x4.mul(exp2(f32x4.mul(log, splat(LOG2E))), splat(-LOG2E)));
    }
  }
}

/** For a chunk of a block: Δ, Δ·u, and D·u to which the states' share of y is then added. */
export function prepare(
  rows: i32,
  channels: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  D: usize,
  scratch: usize,
): void {
  for (let d = 0; d < channels; d += 4) {
    const at = <usize>d << 2;
    const n = channels - d;
    const bias = loadLanes(dtBias + at, n);
    const skip = loadLanes(D + at, n);
    let plane = scratch + at;
    let uAt = u + at;
    let dtAt = dt + at;
    for (let t = 0; t < rows; t++) {
      const ut = loadLanes(uAt, n);
      const delta = softplus(f32x4.add(loadLanes(dtAt, n), bias));
      v128.store(plane + DELTA, delta);
      v128.store(plane + DRIVE, f32x4.mul(delta, ut));
      v128.store(plane + SUM, f32x4.mul(skip, ut));
      plane += BLOCK_ROW;
      uAt += uRow;
      dtAt += dtRow;
    }
  }
}
