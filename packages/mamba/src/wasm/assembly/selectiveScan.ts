// The scan runs sequentially over time, in blocks of channels and chunks of positions that fit the caches, four states
// in a vector. What is as long as a chunk lies in scratch memory; nothing grows with length × inner × state.
import { clearFloats, clearVectors, exp2, LN2, LOG2E, loadLanes, madd, putLanes, sigmoid, softplus, splat, storeLanes, sumLanes } from './math';

/** Positions between two stored states; the host allocates them by the same number. */
const CHUNK = 64;
/** Channels worked on together. */
const BLOCK = 64;
/** One array of (position, channel) in scratch memory. */
const PLANE: usize = <usize>(CHUNK * BLOCK) << 2;
const BLOCK_ROW: usize = <usize>BLOCK << 2;

// Scratch memory: first the planes and the per-position vectors of one channel, then what depends on the state size.
const DELTA: usize = 0;
const DRIVE: usize = PLANE;
const DSUM: usize = 2 * PLANE;
const SUM: usize = 3 * PLANE;
const VIA_B: usize = 4 * PLANE;
const VIA_A: usize = 5 * PLANE;
const VECTORS: usize = 6 * PLANE;
const VECTOR_ROW: usize = <usize>CHUNK << 4;
const H: usize = VECTORS;
const DECAY: usize = VECTORS + VECTOR_ROW;
const DECAYED: usize = VECTORS + 2 * VECTOR_ROW;
const SUM4: usize = VECTORS + 3 * VECTOR_ROW;
const VIA_B4: usize = VECTORS + 4 * VECTOR_ROW;
const VIA_A4: usize = VECTORS + 5 * VECTOR_ROW;
const BY_STATE: usize = VECTORS + 6 * VECTOR_ROW;

/** The state size in bytes, padded to whole vectors. */
// @ts-expect-error: decorator
@inline
function paddedBytes(state: i32): usize {
  return (<usize>((state + 3) & ~3)) << 2;
}

/** A·log2(e) for a block of channels, so that exp(Δ·A) is exp2(Δ·that); padding is 0. */
function loadDecayRates(ALog: usize, state: i32, channels: i32, to: usize): void {
  const row = paddedBytes(state);
  for (let d = 0; d < channels; d++) {
    for (let n = 0; n < state; n += 4) {
      const count = state - n;
      const log = loadLanes(ALog + (<usize>(d * state + n) << 2), count);
      const rate = f32x4.mul(exp2(f32x4.mul(log, splat(LOG2E))), splat(-LOG2E));
      const at = to + <usize>d * row + (<usize>n << 2);
      v128.store(at, splat(0));
      storeLanes(at, rate, count);
    }
  }
}

/** Copies rows of a view into rows of whole vectors, padding with zeros. */
function packRows(from: usize, fromRow: usize, rows: i32, columns: i32, to: usize): void {
  const row = paddedBytes(columns);
  for (let t = 0; t < rows; t++) {
    for (let n = 0; n < columns; n += 4) {
      v128.store(to + <usize>t * row + (<usize>n << 2), loadLanes(from + (<usize>n << 2), columns - n));
    }
    from += fromRow;
  }
}

/** Δ and Δ·u for a chunk of a block. */
function prepare(
  rows: i32,
  channels: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  scratch: usize,
): void {
  for (let t = 0; t < rows; t++) {
    const row = scratch + <usize>t * BLOCK_ROW;
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const n = channels - d;
      const delta = softplus(f32x4.add(loadLanes(dt + at, n), loadLanes(dtBias + at, n)));
      v128.store(row + DELTA + at, delta);
      v128.store(row + DRIVE + at, f32x4.mul(delta, loadLanes(u + at, n)));
    }
    u += uRow;
    dt += dtRow;
  }
}

/** One channel, four states: carries h through a chunk and adds C·h to SUM4. The very first position has no past. */
// @ts-expect-error: decorator
@inline
function carryForward(
  rows: i32,
  fresh: bool,
  h: v128,
  rate: v128,
  B: usize,
  C: usize,
  row: usize,
  column: usize,
  scratch: usize,
): v128 {
  for (let t = 0; t < rows; t++) {
    const drive = f32x4.mul(v128.load32_splat(column + DRIVE), v128.load(B));
    if (fresh && t == 0) h = drive;
    else h = madd(exp2(f32x4.mul(v128.load32_splat(column + DELTA), rate)), h, drive);
    const sum = scratch + SUM4 + (<usize>t << 4);
    v128.store(sum, madd(h, v128.load(C), v128.load(sum)));
    column += BLOCK_ROW;
    B += row;
    C += row;
  }
  return h;
}

/** `y = (Σ C·h + D·u)·silu(z)`; strides are in bytes. `states` is (batch, chunks − 1, inner, padded state). */
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
  const row = paddedBytes(state);
  const chunks = (length + CHUNK - 1) / CHUNK;
  const yRow = <usize>inner << 2;
  const packedB = scratch + BY_STATE;
  const packedC = packedB + CHUNK * row;
  const rates = packedC + CHUNK * row;
  const carried = rates + BLOCK * row;
  for (let d0 = 0; d0 < inner; d0 += BLOCK) {
    const channels = min(BLOCK, inner - d0);
    const column = <usize>d0 << 2;
    loadDecayRates(ALog + ((<usize>(d0 * state)) << 2), state, channels, rates);
    for (let b = 0; b < batch; b++) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const t0 = chunk * CHUNK;
        const rows = min(CHUNK, length - t0);
        const first = <usize>(b * length + t0);
        packRows(B + first * BRow, BRow, rows, state, packedB);
        packRows(C + first * CRow, CRow, rows, state, packedC);
        prepare(rows, channels, u + first * uRow + column, uRow, dt + first * dtRow + column, dtRow, dtBias + column, scratch);
        for (let d = 0; d < channels; d++) {
          clearVectors(scratch + SUM4, rows);
          const at = scratch + (<usize>d << 2);
          for (let n: usize = 0; n < row; n += 16) {
            const held = carried + <usize>d * row + n;
            const start = chunk == 0 ? splat(0) : v128.load(held);
            const rate = v128.load(rates + <usize>d * row + n);
            const h = carryForward(rows, chunk == 0, start, rate, packedB + n, packedC + n, row, at, scratch);
            v128.store(held, h);
          }
          for (let t = 0; t < rows; t++) {
            store<f32>(at + SUM + <usize>t * BLOCK_ROW, sumLanes(v128.load(scratch + SUM4 + (<usize>t << 4))));
          }
        }
        if (chunk < chunks - 1) {
          const to = states + (<usize>((b * (chunks - 1) + chunk) * inner + d0)) * row;
          memory.copy(to, carried, <usize>channels * row);
        }
        for (let t = 0; t < rows; t++) {
          const at = first + t;
          for (let d = 0; d < channels; d += 4) {
            const offset = column + (<usize>d << 2);
            const n = channels - d;
            const sum = v128.load(scratch + SUM + <usize>t * BLOCK_ROW + (<usize>d << 2));
            const gate = loadLanes(z + at * zRow + offset, n);
            const value = madd(loadLanes(D + offset, n), loadLanes(u + at * uRow + offset, n), sum);
            storeLanes(y + at * yRow + offset, f32x4.mul(value, f32x4.mul(gate, sigmoid(gate))), n);
          }
        }
      }
    }
  }
}

/**
 * One channel, four states, backwards: recomputes h through the chunk from its start, then carries dh from its end.
 * Adds to SUM4 (C·h), VIA_B4 (dh·B), VIA_A4 (dh·rate·decayed h), dB and dC; returns the derivative by the rate, and
 * leaves the carried dh at `carried`.
 */
// @ts-expect-error: decorator
@inline
function carryBackward(
  rows: i32,
  fresh: bool,
  start: v128,
  rate: v128,
  B: usize,
  C: usize,
  dB: usize,
  dC: usize,
  row: usize,
  column: usize,
  carried: usize,
  scratch: usize,
): v128 {
  let h = start;
  for (let t = 0; t < rows; t++) {
    const at = scratch + (<usize>t << 4);
    const planes = column + <usize>t * BLOCK_ROW;
    const offset = <usize>t * row;
    let decay = splat(0);
    let decayed = splat(0);
    if (!fresh || t > 0) {
      decay = exp2(f32x4.mul(v128.load32_splat(planes + DELTA), rate));
      decayed = f32x4.mul(decay, h);
    }
    h = madd(v128.load32_splat(planes + DRIVE), v128.load(B + offset), decayed);
    v128.store(at + DECAY, decay);
    v128.store(at + DECAYED, decayed);
    v128.store(at + H, h);
    v128.store(at + SUM4, madd(h, v128.load(C + offset), v128.load(at + SUM4)));
  }
  let dh = v128.load(carried);
  let drate = splat(0);
  for (let t = rows - 1; t >= 0; t--) {
    const at = scratch + (<usize>t << 4);
    const planes = column + <usize>t * BLOCK_ROW;
    const offset = <usize>t * row;
    const dsum = v128.load32_splat(planes + DSUM);
    dh = madd(dsum, v128.load(C + offset), dh);
    v128.store(dC + offset, madd(dsum, v128.load(at + H), v128.load(dC + offset)));
    v128.store(dB + offset, madd(v128.load32_splat(planes + DRIVE), dh, v128.load(dB + offset)));
    v128.store(at + VIA_B4, madd(dh, v128.load(B + offset), v128.load(at + VIA_B4)));
    const through = f32x4.mul(dh, v128.load(at + DECAYED));
    v128.store(at + VIA_A4, madd(through, rate, v128.load(at + VIA_A4)));
    drate = madd(through, v128.load32_splat(planes + DELTA), drate);
    dh = f32x4.mul(dh, v128.load(at + DECAY));
  }
  v128.store(carried, dh);
  return drate;
}

/** Where the derivatives go, and which of them are added to; strides are in bytes. */
export function selectiveScanBackward(
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
  states: usize,
  dy: usize,
  du: usize,
  duRow: usize,
  accumulateU: bool,
  ddt: usize,
  ddtRow: usize,
  accumulateDt: bool,
  ddtBias: usize,
  accumulateDtBias: bool,
  dALog: usize,
  accumulateALog: bool,
  dB: usize,
  dBRow: usize,
  accumulateB: bool,
  dC: usize,
  dCRow: usize,
  accumulateC: bool,
  dD: usize,
  accumulateD: bool,
  dz: usize,
  dzRow: usize,
  accumulateZ: bool,
  scratch: usize,
): void {
  const row = paddedBytes(state);
  const chunks = (length + CHUNK - 1) / CHUNK;
  const dyRow = <usize>inner << 2;
  const packedB = scratch + BY_STATE;
  const packedC = packedB + CHUNK * row;
  const packedDB = packedC + CHUNK * row;
  const packedDC = packedDB + CHUNK * row;
  const rates = packedDC + CHUNK * row;
  const carried = rates + BLOCK * row;
  if (!accumulateALog) clearFloats(dALog, inner * state);
  if (!accumulateD) clearFloats(dD, inner);
  if (!accumulateDtBias) clearFloats(ddtBias, inner);
  for (let d0 = 0; d0 < inner; d0 += BLOCK) {
    const channels = min(BLOCK, inner - d0);
    const column = <usize>d0 << 2;
    loadDecayRates(ALog + ((<usize>(d0 * state)) << 2), state, channels, rates);
    for (let b = 0; b < batch; b++) {
      clearVectors(carried, channels * <i32>(row >> 4));
      for (let chunk = chunks - 1; chunk >= 0; chunk--) {
        const t0 = chunk * CHUNK;
        const rows = min(CHUNK, length - t0);
        const first = <usize>(b * length + t0);
        packRows(B + first * BRow, BRow, rows, state, packedB);
        packRows(C + first * CRow, CRow, rows, state, packedC);
        clearVectors(packedDB, rows * <i32>(row >> 4));
        clearVectors(packedDC, rows * <i32>(row >> 4));
        prepare(rows, channels, u + first * uRow + column, uRow, dt + first * dtRow + column, dtRow, dtBias + column, scratch);
        for (let t = 0; t < rows; t++) {
          for (let d = 0; d < channels; d += 4) {
            const offset = column + (<usize>d << 2);
            const gate = loadLanes(z + (first + t) * zRow + offset, channels - d);
            const dyt = loadLanes(dy + (first + t) * dyRow + offset, channels - d);
            const to = scratch + DSUM + <usize>t * BLOCK_ROW + (<usize>d << 2);
            v128.store(to, f32x4.mul(dyt, f32x4.mul(gate, sigmoid(gate))));
          }
        }
        const start = states + (<usize>((b * (chunks - 1) + chunk - 1) * inner + d0)) * row;
        for (let d = 0; d < channels; d++) {
          clearVectors(scratch + SUM4, rows);
          clearVectors(scratch + VIA_B4, rows);
          clearVectors(scratch + VIA_A4, rows);
          const at = scratch + (<usize>d << 2);
          for (let n: usize = 0; n < row; n += 16) {
            const place = <usize>d * row + n;
            const rate = v128.load(rates + place);
            const h = chunk == 0 ? splat(0) : v128.load(start + place);
            const drate = carryBackward(
              rows,
              chunk == 0,
              h,
              rate,
              packedB + n,
              packedC + n,
              packedDB + n,
              packedDC + n,
              row,
              at,
              carried + place,
              scratch,
            );
            // The rate is A·log2(e) and ∂A/∂A_log = A, so by A_log it is drate·A.
            const count = state - <i32>(n >> 2);
            const to = dALog + ((<usize>((d0 + d) * state)) << 2) + n;
            putLanes(to, f32x4.mul(drate, f32x4.mul(rate, splat(LN2))), count, true);
          }
          for (let t = 0; t < rows; t++) {
            const from = scratch + (<usize>t << 4);
            const to = at + <usize>t * BLOCK_ROW;
            store<f32>(to + SUM, sumLanes(v128.load(from + SUM4)));
            store<f32>(to + VIA_B, sumLanes(v128.load(from + VIA_B4)));
            store<f32>(to + VIA_A, sumLanes(v128.load(from + VIA_A4)) * LN2);
          }
        }
        for (let d = 0; d < channels; d += 4) {
          const offset = column + (<usize>d << 2);
          const n = channels - d;
          const skip = loadLanes(D + offset, n);
          const bias = loadLanes(dtBias + offset, n);
          let skipSum = splat(0);
          let biasSum = splat(0);
          for (let t = 0; t < rows; t++) {
            const at = first + t;
            const planes = scratch + <usize>t * BLOCK_ROW + (<usize>d << 2);
            const ut = loadLanes(u + at * uRow + offset, n);
            const gate = loadLanes(z + at * zRow + offset, n);
            const dyt = loadLanes(dy + at * dyRow + offset, n);
            const raw = f32x4.add(loadLanes(dt + at * dtRow + offset, n), bias);
            const dsum = v128.load(planes + DSUM);
            const viaB = v128.load(planes + VIA_B);
            const ddelta = madd(viaB, ut, v128.load(planes + VIA_A));
            const draw = f32x4.mul(ddelta, sigmoid(raw));
            biasSum = f32x4.add(biasSum, draw);
            skipSum = madd(dsum, ut, skipSum);
            putLanes(ddt + at * ddtRow + offset, draw, n, accumulateDt);
            const dut = madd(viaB, v128.load(planes + DELTA), f32x4.mul(dsum, skip));
            putLanes(du + at * duRow + offset, dut, n, accumulateU);
            const sigma = sigmoid(gate);
            const slope = f32x4.mul(sigma, madd(gate, f32x4.sub(splat(1), sigma), splat(1)));
            const value = madd(skip, ut, v128.load(planes + SUM));
            putLanes(dz + at * dzRow + offset, f32x4.mul(f32x4.mul(dyt, value), slope), n, accumulateZ);
          }
          putLanes(dD + offset, skipSum, n, true);
          putLanes(ddtBias + offset, biasSum, n, true);
        }
        // B and C serve all channels: the first block of them may write, the others add.
        for (let t = 0; t < rows; t++) {
          for (let n = 0; n < state; n += 4) {
            const offset = <usize>n << 2;
            const from = <usize>t * row + offset;
            const at = first + t;
            putLanes(dB + at * dBRow + offset, v128.load(packedDB + from), state - n, accumulateB || d0 > 0);
            putLanes(dC + at * dCRow + offset, v128.load(packedDC + from), state - n, accumulateC || d0 > 0);
          }
        }
      }
    }
  }
}
