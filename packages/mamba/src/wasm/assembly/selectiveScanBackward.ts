// The scan backwards: chunk by chunk from the last, recomputing the states inside each from its start.
import { clearFloats, exp2, LN2, loadLanes, madd, putLanes, sigmoid, siluSlope, splat, sumLanes } from './math';
import { BLOCK, BLOCK_ROW, BY_STATE, CHUNK, DECAY, DELTA, DRIVE, DSUM, H, loadDecayRates, PAIR, prepare, SUM, VIA_A, VIA_B } from './scanScratch';
import { scanSinglesBackward } from './scanSingles';

/**
 * Two states of four channels through a chunk, backwards: recomputes h and its decay from the chunk's start, then
 * carries dh from its end. Adds to SUM (C·h), VIA_B (dh·B) and VIA_A (dh·rate·decayed h), and to dB and dC, which are
 * sums over lanes still. Adds the derivatives by the rates at `drates`; leaves the carried dh at `carried`.
 */
function carryBackward(
  rows: i32,
  fresh: bool,
  pair: bool,
  rates: usize,
  start: usize,
  carried: usize,
  drates: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  dB: usize,
  dC: usize,
  dRow: usize,
  plane: usize,
  scratch: usize,
): void {
  const rate0 = v128.load(rates);
  const rate1 = pair ? v128.load(rates + BLOCK_ROW) : splat(0);
  const start0 = fresh ? splat(0) : v128.load(start);
  const start1 = fresh || !pair ? splat(0) : v128.load(start + BLOCK_ROW);
  const next: usize = pair ? 4 : 0;
  let h0 = start0;
  let h1 = start1;
  let saved = scratch;
  for (let t = 0; t < rows; t++) {
    const drive = v128.load(plane + DRIVE);
    let decay0 = splat(0);
    let decay1 = splat(0);
    if (!fresh || t > 0) {
      const delta = v128.load(plane + DELTA);
      decay0 = exp2(f32x4.mul(delta, rate0));
      decay1 = exp2(f32x4.mul(delta, rate1));
    }
    h0 = madd(decay0, h0, f32x4.mul(drive, v128.load32_splat(B)));
    h1 = madd(decay1, h1, f32x4.mul(drive, v128.load32_splat(B + next)));
    if (!pair) h1 = splat(0);
    v128.store(saved + DECAY, decay0);
    v128.store(saved + DECAY, decay1, 16);
    v128.store(saved + H, h0);
    v128.store(saved + H, h1, 16);
    const sum = madd(h0, v128.load32_splat(C), v128.load(plane + SUM));
    v128.store(plane + SUM, madd(h1, v128.load32_splat(C + next), sum));
    plane += BLOCK_ROW;
    saved += PAIR;
    B += BRow;
    C += CRow;
  }
  let dh0 = v128.load(carried);
  let dh1 = pair ? v128.load(carried + BLOCK_ROW) : splat(0);
  let drate0 = splat(0);
  let drate1 = splat(0);
  dB += <usize>rows * dRow;
  dC += <usize>rows * dRow;
  for (let t = rows - 1; t >= 0; t--) {
    plane -= BLOCK_ROW;
    saved -= PAIR;
    B -= BRow;
    C -= CRow;
    dB -= dRow;
    dC -= dRow;
    const dsum = v128.load(plane + DSUM);
    const drive = v128.load(plane + DRIVE);
    const delta = v128.load(plane + DELTA);
    dh0 = madd(dsum, v128.load32_splat(C), dh0);
    v128.store(dC, madd(dsum, h0, v128.load(dC)));
    v128.store(dB, madd(drive, dh0, v128.load(dB)));
    let viaB = madd(dh0, v128.load32_splat(B), v128.load(plane + VIA_B));
    h0 = t > 0 ? v128.load(saved + H - PAIR) : start0;
    dh0 = f32x4.mul(dh0, v128.load(saved + DECAY));
    const through0 = f32x4.mul(dh0, h0);
    let viaA = madd(through0, rate0, v128.load(plane + VIA_A));
    drate0 = madd(through0, delta, drate0);
    if (pair) {
      dh1 = madd(dsum, v128.load32_splat(C, 4), dh1);
      v128.store(dC, madd(dsum, h1, v128.load(dC, 16)), 16);
      v128.store(dB, madd(drive, dh1, v128.load(dB, 16)), 16);
      viaB = madd(dh1, v128.load32_splat(B, 4), viaB);
      h1 = t > 0 ? v128.load(saved + H - PAIR, 16) : start1;
      dh1 = f32x4.mul(dh1, v128.load(saved + DECAY, 16));
      const through1 = f32x4.mul(dh1, h1);
      viaA = madd(through1, rate1, viaA);
      drate1 = madd(through1, delta, drate1);
    }
    v128.store(plane + VIA_B, viaB);
    v128.store(plane + VIA_A, viaA);
  }
  v128.store(carried, dh0);
  v128.store(drates, f32x4.add(drate0, v128.load(drates)));
  if (pair) {
    v128.store(carried + BLOCK_ROW, dh1);
    v128.store(drates + BLOCK_ROW, f32x4.add(drate1, v128.load(drates + BLOCK_ROW)));
  }
}

/** The derivative before the gate, and clean sums, for a chunk of a block. */
function prepareBackward(rows: i32, channels: i32, z: usize, zRow: usize, dy: usize, dyRow: usize, scratch: usize): void {
  for (let t = 0; t < rows; t++) {
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const gate = loadLanes(z + at, channels - d);
      const plane = scratch + <usize>t * BLOCK_ROW + at;
      v128.store(plane + DSUM, f32x4.mul(loadLanes(dy + at, channels - d), f32x4.mul(gate, sigmoid(gate))));
      v128.store(plane + VIA_B, splat(0));
      v128.store(plane + VIA_A, splat(0));
    }
    z += zRow;
    dy += dyRow;
  }
}

/** Adds rates' derivatives to those by A_log: the rate is A·log2(e), and ∂A/∂A_log = A. */
function putRates(drates: usize, rates: usize, state: i32, channels: i32, dALog: usize, accumulate: bool): void {
  for (let d = 0; d < channels; d++) {
    for (let n = 0; n < state; n++) {
      const at = <usize>n * BLOCK_ROW + (<usize>d << 2);
      const to = dALog + (<usize>(d * state + n) << 2);
      const value = load<f32>(drates + at) * load<f32>(rates + at) * LN2;
      store<f32>(to, accumulate ? load<f32>(to) + value : value);
    }
  }
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
  if (!accumulateD) clearFloats(dD, inner);
  if (!accumulateDtBias) clearFloats(ddtBias, inner);
  if (length == 1) {
    if (!accumulateALog) clearFloats(dALog, inner * state);
    scanSinglesBackward(
      batch, inner, state, u, uRow, dt, dtRow, dtBias, B, BRow, C, CRow, D, z, zRow, dy,
      du, duRow, accumulateU, ddt, ddtRow, accumulateDt, ddtBias,
      dB, dBRow, accumulateB, dC, dCRow, accumulateC, dD, dz, dzRow, accumulateZ,
    );
    return;
  }
  const chunks = (length + CHUNK - 1) / CHUNK;
  const blocks = (inner + BLOCK - 1) / BLOCK;
  const dyRow = <usize>inner << 2;
  const stateBytes = <usize>state * BLOCK_ROW;
  const rates = scratch + BY_STATE;
  const carried = rates + stateBytes;
  const drates = carried + stateBytes;
  // Derivatives by B and C, four lanes of channels each, to be summed when a chunk is done.
  const laneRow = <usize>state << 4;
  const lanesB = drates + stateBytes;
  const lanesC = lanesB + <usize>CHUNK * laneRow;
  for (let block = 0; block < blocks; block++) {
    const d0 = block * BLOCK;
    const channels = min(BLOCK, inner - d0);
    const column = <usize>d0 << 2;
    loadDecayRates(ALog + (<usize>(d0 * state) << 2), state, channels, rates);
    memory.fill(drates, 0, stateBytes);
    for (let b = 0; b < batch; b++) {
      memory.fill(carried, 0, stateBytes);
      for (let chunk = chunks - 1; chunk >= 0; chunk--) {
        const rows = min(CHUNK, length - chunk * CHUNK);
        const first = <usize>(b * length + chunk * CHUNK);
        const uAt = u + first * uRow + column;
        const BAt = B + first * BRow;
        const CAt = C + first * CRow;
        const zAt = z + first * zRow + column;
        const dyAt = dy + first * dyRow + column;
        memory.fill(lanesB, 0, <usize>rows * laneRow);
        memory.fill(lanesC, 0, <usize>rows * laneRow);
        prepare(rows, channels, uAt, uRow, dt + first * dtRow + column, dtRow, dtBias + column, D + column, scratch);
        prepareBackward(rows, channels, zAt, zRow, dyAt, dyRow, scratch);
        const start = states + <usize>((b * (chunks - 1) + chunk - 1) * blocks + block) * stateBytes;
        for (let d = 0; d < channels; d += 4) {
          const at = <usize>d << 2;
          for (let n = 0; n < state; n += 2) {
            const place = <usize>n * BLOCK_ROW + at;
            const offset = <usize>n << 2;
            const lanes = <usize>n << 4;
            carryBackward(
              rows, chunk == 0, n + 1 < state, rates + place, start + place, carried + place, drates + place,
              BAt + offset, BRow, CAt + offset, CRow, lanesB + lanes, lanesC + lanes, laneRow, scratch + at, scratch,
            );
          }
        }
        finishChunk(
          rows, channels, uAt, uRow, dt + first * dtRow + column, dtRow, dtBias + column, D + column, zAt, zRow, dyAt, dyRow,
          du + first * duRow + column, duRow, accumulateU, ddt + first * ddtRow + column, ddtRow, accumulateDt,
          ddtBias + column, dD + column, dz + first * dzRow + column, dzRow, accumulateZ, scratch,
        );
        // B and C serve all channels: the first block of them may write, the others add.
        putLaneSums(rows, state, lanesB, dB + first * dBRow, dBRow, accumulateB || block > 0);
        putLaneSums(rows, state, lanesC, dC + first * dCRow, dCRow, accumulateC || block > 0);
      }
    }
    putRates(drates, rates, state, channels, dALog + (<usize>(d0 * state) << 2), accumulateALog);
  }
}

function putLaneSums(rows: i32, state: i32, lanes: usize, to: usize, toRow: usize, accumulate: bool): void {
  for (let t = 0; t < rows; t++) {
    for (let n = 0; n < state; n++) {
      const at = to + (<usize>n << 2);
      const sum = sumLanes(v128.load(lanes));
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
      lanes += 16;
    }
    to += toRow;
  }
}

/** What follows, channel by channel, once the states of a chunk are through: du, ddt, dz and the sums over positions. */
function finishChunk(
  rows: i32,
  channels: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  D: usize,
  z: usize,
  zRow: usize,
  dy: usize,
  dyRow: usize,
  du: usize,
  duRow: usize,
  accumulateU: bool,
  ddt: usize,
  ddtRow: usize,
  accumulateDt: bool,
  ddtBias: usize,
  dD: usize,
  dz: usize,
  dzRow: usize,
  accumulateZ: bool,
  scratch: usize,
): void {
  for (let d = 0; d < channels; d += 4) {
    const offset = <usize>d << 2;
    const n = channels - d;
    const skip = loadLanes(D + offset, n);
    const bias = loadLanes(dtBias + offset, n);
    let skipSum = splat(0);
    let biasSum = splat(0);
    for (let t = 0; t < rows; t++) {
      const at = <usize>t;
      const plane = scratch + at * BLOCK_ROW + offset;
      const ut = loadLanes(u + at * uRow + offset, n);
      const gate = loadLanes(z + at * zRow + offset, n);
      const dyt = loadLanes(dy + at * dyRow + offset, n);
      const raw = f32x4.add(loadLanes(dt + at * dtRow + offset, n), bias);
      const dsum = v128.load(plane + DSUM);
      const viaB = v128.load(plane + VIA_B);
      const ddelta = madd(viaB, ut, f32x4.mul(v128.load(plane + VIA_A), splat(LN2)));
      const draw = f32x4.mul(ddelta, sigmoid(raw));
      biasSum = f32x4.add(biasSum, draw);
      skipSum = madd(dsum, ut, skipSum);
      putLanes(ddt + at * ddtRow + offset, draw, n, accumulateDt);
      putLanes(du + at * duRow + offset, madd(viaB, v128.load(plane + DELTA), f32x4.mul(dsum, skip)), n, accumulateU);
      const slope = siluSlope(gate, sigmoid(gate));
      putLanes(dz + at * dzRow + offset, f32x4.mul(f32x4.mul(dyt, v128.load(plane + SUM)), slope), n, accumulateZ);
    }
    putLanes(dD + offset, skipSum, n, true);
    putLanes(ddtBias + offset, biasSum, n, true);
  }
}
