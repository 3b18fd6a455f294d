// The scan runs sequentially over time, in blocks of channels and chunks of positions that fit the caches, with four
// channels in a vector and two states at a time. What is as long as a chunk lies in scratch memory; nothing grows with
// length × inner × state.
import { exp2, loadLanes, madd, sigmoid, splat, storeLanes } from './math';
import { BLOCK, BLOCK_ROW, BY_STATE, CHUNK, DELTA, DRIVE, loadDecayRates, prepare, SUM } from './scanScratch';
import { scanSinglesForward } from './scanSingles';

/** Two states of four channels through a chunk: carries h on and adds C·h to the sum. */
function carryForward(
  rows: i32,
  fresh: bool,
  pair: bool,
  rates: usize,
  carried: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  plane: usize,
): void {
  const rate0 = v128.load(rates);
  const rate1 = pair ? v128.load(rates + BLOCK_ROW) : splat(0);
  let h0 = v128.load(carried);
  let h1 = pair ? v128.load(carried + BLOCK_ROW) : splat(0);
  const next: usize = pair ? 4 : 0;
  let t = 0;
  if (fresh) {
    // Before the first position there is no state to decay.
    const drive = v128.load(plane + DRIVE);
    h0 = f32x4.mul(drive, v128.load32_splat(B));
    h1 = pair ? f32x4.mul(drive, v128.load32_splat(B + next)) : splat(0);
    const sum = madd(h0, v128.load32_splat(C), v128.load(plane + SUM));
    v128.store(plane + SUM, madd(h1, v128.load32_splat(C + next), sum));
    plane += BLOCK_ROW;
    B += BRow;
    C += CRow;
    t = 1;
  }
  for (; t < rows; t++) {
    const delta = v128.load(plane + DELTA);
    const drive = v128.load(plane + DRIVE);
    h0 = madd(exp2(f32x4.mul(delta, rate0)), h0, f32x4.mul(drive, v128.load32_splat(B)));
    let sum = madd(h0, v128.load32_splat(C), v128.load(plane + SUM));
    if (pair) {
      h1 = madd(exp2(f32x4.mul(delta, rate1)), h1, f32x4.mul(drive, v128.load32_splat(B, 4)));
      sum = madd(h1, v128.load32_splat(C, 4), sum);
    }
    v128.store(plane + SUM, sum);
    plane += BLOCK_ROW;
    B += BRow;
    C += CRow;
  }
  v128.store(carried, h0);
  if (pair) v128.store(carried + BLOCK_ROW, h1);
}

/** `y = (Σ C·h + D·u)·silu(z)`; strides are in bytes. `states` is (batch, chunks − 1, blocks, state, 64 channels). */
export function selectiveScanForward(
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
  y: usize,
  states: usize,
  scratch: usize,
): void {
  if (length == 1) {
    scanSinglesForward(batch, inner, state, u, uRow, dt, dtRow, dtBias, B, BRow, C, CRow, D, z, zRow, y);
    return;
  }
  const chunks = (length + CHUNK - 1) / CHUNK;
  const blocks = (inner + BLOCK - 1) / BLOCK;
  const yRow = <usize>inner << 2;
  const stateBytes = <usize>state * BLOCK_ROW;
  const rates = scratch + BY_STATE;
  const carried = rates + stateBytes;
  for (let block = 0; block < blocks; block++) {
    const d0 = block * BLOCK;
    const channels = min(BLOCK, inner - d0);
    const column = <usize>d0 << 2;
    loadDecayRates(ALog + (<usize>(d0 * state) << 2), state, channels, rates);
    for (let b = 0; b < batch; b++) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const rows = min(CHUNK, length - chunk * CHUNK);
        const first = <usize>(b * length + chunk * CHUNK);
        const uAt = u + first * uRow + column;
        const BAt = B + first * BRow;
        const CAt = C + first * CRow;
        prepare(rows, channels, uAt, uRow, dt + first * dtRow + column, dtRow, dtBias + column, D + column, scratch);
        for (let d = 0; d < channels; d += 4) {
          const at = <usize>d << 2;
          for (let n = 0; n < state; n += 2) {
            const place = <usize>n * BLOCK_ROW + at;
            const offset = <usize>n << 2;
            const pair = n + 1 < state;
            carryForward(rows, chunk == 0, pair, rates + place, carried + place, BAt + offset, BRow, CAt + offset, CRow, scratch + at);
          }
        }
        if (chunk < chunks - 1) {
          memory.copy(states + <usize>((b * (chunks - 1) + chunk) * blocks + block) * stateBytes, carried, stateBytes);
        }
        for (let t = 0; t < rows; t++) {
          const at = first + t;
          for (let d = 0; d < channels; d += 4) {
            const offset = column + (<usize>d << 2);
            const n = channels - d;
            const sum = v128.load(scratch + SUM + <usize>t * BLOCK_ROW + (<usize>d << 2));
            const gate = loadLanes(z + at * zRow + offset, n);
            storeLanes(y + at * yRow + offset, f32x4.mul(sum, f32x4.mul(gate, sigmoid(gate))), n);
          }
        }
      }
    }
  }
}
