// The scan backwards: chunk by chunk from the last, recomputing the states inside each from its start. Longer than other
// files, as kernels take every address by itself.
import { clearFloats, LN2, loadLanes, madd, putLanes, sigmoid, siluSlope, splat, sumLanes } from './math';
import {
  BLOCK, BLOCK_ROW, BY_STATE, CHUNK, DECAY, DELTA, DRIVE, DSUM, GATE, GROUP, H, LAST_B, LAST_C, loadDecayRates, prepare, QUAD, RECORD,
  RUN, SLOPE, storeDecays, SUM, VIA_A, VIA_B, wholeQuad,
} from './scanScratch';
import { scanSinglesBackward } from './scanSingles';

/** h of four states of four channels at every position of a chunk, from its start; adds C·h to SUM. */
function recompute(rows: i32, start: usize, B: usize, BRow: usize, C: usize, CRow: usize, records: usize, scratch: usize): void {
  let h0 = splat(0);
  let h1 = splat(0);
  let h2 = splat(0);
  let h3 = splat(0);
  if (start) {
    h0 = v128.load(start);
    h1 = v128.load(start, BLOCK_ROW);
    h2 = v128.load(start, 2 * BLOCK_ROW);
    h3 = v128.load(start, 3 * BLOCK_ROW);
  }
  let saved = scratch;
  const end = records + <usize>rows * RECORD;
  for (let record = records; record < end; record += RECORD) {
    const drive = v128.load(record, DRIVE);
    let sum = v128.load(record, SUM);
    h0 = madd(v128.load(saved, DECAY), h0, f32x4.mul(drive, v128.load32_splat(B)));
    sum = madd(h0, v128.load32_splat(C), sum);
    v128.store(saved, h0, H);
    h1 = madd(v128.load(saved, DECAY + 16), h1, f32x4.mul(drive, v128.load32_splat(B, 4)));
    sum = madd(h1, v128.load32_splat(C, 4), sum);
    v128.store(saved, h1, H + 16);
    h2 = madd(v128.load(saved, DECAY + 32), h2, f32x4.mul(drive, v128.load32_splat(B, 8)));
    sum = madd(h2, v128.load32_splat(C, 8), sum);
    v128.store(saved, h2, H + 32);
    h3 = madd(v128.load(saved, DECAY + 48), h3, f32x4.mul(drive, v128.load32_splat(B, 12)));
    v128.store(record, madd(h3, v128.load32_splat(C, 12), sum), SUM);
    v128.store(saved, h3, H + 48);
    saved += QUAD;
    B += BRow;
    C += CRow;
  }
}

/**
 * Carries dh of two states of four channels back through a chunk whose h and decays are at `saved`. Adds to VIA_B
 * (dh·B) and VIA_A (dh·rate·decayed h), and to dB and dC, which are sums over lanes still. Adds the derivatives by the
 * rates at `drates`; leaves the carried dh at `carried`.
 */
function carryBackward(
  rows: i32,
  start: usize,
  rates: usize,
  carried: usize,
  drates: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  dB: usize,
  dC: usize,
  dRow: usize,
  record: usize,
  saved: usize,
): void {
  const rate0 = v128.load(rates);
  const rate1 = v128.load(rates, BLOCK_ROW);
  let dh0 = v128.load(carried);
  let dh1 = v128.load(carried, BLOCK_ROW);
  let drate0 = splat(0);
  let drate1 = splat(0);
  const last = <usize>(rows - 1);
  record += last * RECORD;
  saved += last * QUAD;
  B += last * BRow;
  C += last * CRow;
  dB += last * dRow;
  dC += last * dRow;
  let h0 = v128.load(saved, H);
  let h1 = v128.load(saved, H + 16);
  for (let t = rows - 1; t >= 0; t--) {
    const dsum = v128.load(record, DSUM);
    const drive = v128.load(record, DRIVE);
    const delta = v128.load(record, DELTA);
    dh0 = madd(dsum, v128.load32_splat(C), dh0);
    dh1 = madd(dsum, v128.load32_splat(C, 4), dh1);
    v128.store(dC, madd(dsum, h0, v128.load(dC)));
    v128.store(dC, madd(dsum, h1, v128.load(dC, 16)), 16);
    v128.store(dB, madd(drive, dh0, v128.load(dB)));
    v128.store(dB, madd(drive, dh1, v128.load(dB, 16)), 16);
    const viaB = madd(dh0, v128.load32_splat(B), v128.load(record, VIA_B));
    v128.store(record, madd(dh1, v128.load32_splat(B, 4), viaB), VIA_B);
    if (t > 0) {
      h0 = v128.load(saved - QUAD, H);
      h1 = v128.load(saved - QUAD, H + 16);
    } else {
      h0 = start ? v128.load(start) : splat(0);
      h1 = start ? v128.load(start, BLOCK_ROW) : splat(0);
    }
    dh0 = f32x4.mul(dh0, v128.load(saved, DECAY));
    dh1 = f32x4.mul(dh1, v128.load(saved, DECAY + 16));
    const through0 = f32x4.mul(dh0, h0);
    const through1 = f32x4.mul(dh1, h1);
    const viaA = madd(through0, rate0, v128.load(record, VIA_A));
    v128.store(record, madd(through1, rate1, viaA), VIA_A);
    drate0 = madd(through0, delta, drate0);
    drate1 = madd(through1, delta, drate1);
    record -= RECORD;
    saved -= QUAD;
    B -= BRow;
    C -= CRow;
    dB -= dRow;
    dC -= dRow;
  }
  v128.store(carried, dh0);
  v128.store(carried, dh1, BLOCK_ROW);
  v128.store(drates, f32x4.add(drate0, v128.load(drates)));
  v128.store(drates, f32x4.add(drate1, v128.load(drates, BLOCK_ROW)), BLOCK_ROW);
}

/** For a chunk of a group: the derivative before the gate, what the gate's derivative is a multiple of, clean sums. */
function prepareBackward(rows: i32, channels: i32, z: usize, zRow: usize, dy: usize, dyRow: usize, scratch: usize): void {
  for (let t = 0; t < rows; t++) {
    let record = scratch + <usize>t * RECORD;
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const gate = loadLanes(z + at, channels - d);
      const dyt = loadLanes(dy + at, channels - d);
      const sigma = sigmoid(gate);
      v128.store(record, f32x4.mul(dyt, f32x4.mul(gate, sigma)), DSUM);
      v128.store(record, f32x4.mul(dyt, siluSlope(gate, sigma)), GATE);
      v128.store(record, splat(0), VIA_B);
      v128.store(record, splat(0), VIA_A);
      record += RUN;
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
  const wholeState = <usize>((state + 3) & ~3);
  const wholeBytes = wholeState * BLOCK_ROW;
  const rates = scratch + BY_STATE;
  const carried = rates + wholeBytes;
  const drates = carried + wholeBytes;
  const started = drates + wholeBytes;
  // Derivatives by B and C, four lanes of channels each, to be summed when a chunk is done.
  const laneRow = wholeState << 4;
  const lanesB = started + wholeBytes;
  const lanesC = lanesB + <usize>CHUNK * laneRow;
  memory.fill(started, 0, wholeBytes);
  for (let block = 0; block < blocks; block++) {
    const d0 = block * BLOCK;
    const channels = min(BLOCK, inner - d0);
    loadDecayRates(ALog + (<usize>(d0 * state) << 2), state, channels, rates);
    memory.fill(drates, 0, wholeBytes);
    for (let b = 0; b < batch; b++) {
      memory.fill(carried, 0, wholeBytes);
      for (let chunk = chunks - 1; chunk >= 0; chunk--) {
        const rows = min(CHUNK, length - chunk * CHUNK);
        const first = <usize>(b * length + chunk * CHUNK);
        const BAt = B + first * BRow;
        const CAt = C + first * CRow;
        memory.fill(lanesB, 0, <usize>rows * laneRow);
        memory.fill(lanesC, 0, <usize>rows * laneRow);
        if (chunk > 0) {
          memory.copy(started, states + <usize>((b * (chunks - 1) + chunk - 1) * blocks + block) * stateBytes, stateBytes);
        }
        for (let g = 0; g < channels; g += GROUP) {
          const width = min(GROUP, channels - g);
          const column = <usize>(d0 + g) << 2;
          const uAt = u + first * uRow + column;
          prepare(rows, width, uAt, uRow, dt + first * dtRow + column, dtRow, dtBias + column, D + column, true, scratch);
          prepareBackward(rows, width, z + first * zRow + column, zRow, dy + first * dyRow + column, dyRow, scratch);
          for (let n = 0; n < state; n += 4) {
            const whole = n + 4 <= state;
            const BQuad = wholeQuad(BAt, BRow, rows, n, state, scratch + LAST_B);
            const CQuad = wholeQuad(CAt, CRow, rows, n, state, scratch + LAST_C);
            const BStep: usize = whole ? BRow : 16;
            const CStep: usize = whole ? CRow : 16;
            const lanes = <usize>n << 4;
            for (let d = 0; d < width; d += 4) {
              const place = <usize>n * BLOCK_ROW + (<usize>(g + d) << 2);
              const records = scratch + <usize>(d >> 2) * RUN;
              const start: usize = chunk > 0 ? started + place : 0;
              storeDecays(rows, chunk == 0, rates + place, records, scratch);
              recompute(rows, start, BQuad, BStep, CQuad, CStep, records, scratch);
              for (let pair: usize = 0; pair < 2; pair++) {
                const rowOffset = pair * 2 * BLOCK_ROW;
                carryBackward(
                  rows, start ? start + rowOffset : 0, rates + place + rowOffset, carried + place + rowOffset,
                  drates + place + rowOffset, BQuad + (pair << 3), BStep, CQuad + (pair << 3), CStep,
                  lanesB + lanes + (pair << 5), lanesC + lanes + (pair << 5), laneRow, records, scratch + (pair << 5),
                );
              }
            }
          }
          finishChunk(
            rows, width, uAt, uRow, D + column, du + first * duRow + column, duRow, accumulateU,
            ddt + first * ddtRow + column, ddtRow, accumulateDt, ddtBias + column, dD + column,
            dz + first * dzRow + column, dzRow, accumulateZ, scratch,
          );
        }
        // B and C serve all channels: the first block of them may write, the others add.
        putLaneSums(rows, state, laneRow, lanesB, dB + first * dBRow, dBRow, accumulateB || block > 0);
        putLaneSums(rows, state, laneRow, lanesC, dC + first * dCRow, dCRow, accumulateC || block > 0);
      }
    }
    putRates(drates, rates, state, channels, dALog + (<usize>(d0 * state) << 2), accumulateALog);
  }
}

function putLaneSums(rows: i32, state: i32, laneRow: usize, lanes: usize, to: usize, toRow: usize, accumulate: bool): void {
  for (let t = 0; t < rows; t++) {
    for (let n = 0; n < state; n++) {
      const at = to + (<usize>n << 2);
      const sum = sumLanes(v128.load(lanes + (<usize>n << 4)));
      store<f32>(at, accumulate ? load<f32>(at) + sum : sum);
    }
    lanes += laneRow;
    to += toRow;
  }
}

/** What follows once the states of a chunk of a group are through: du, ddt, dz and the sums over positions. */
function finishChunk(
  rows: i32,
  channels: i32,
  u: usize,
  uRow: usize,
  D: usize,
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
  for (let t = 0; t < rows; t++) {
    let record = scratch + <usize>t * RECORD;
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const n = channels - d;
      const ut = loadLanes(u + at, n);
      const dsum = v128.load(record, DSUM);
      const viaB = v128.load(record, VIA_B);
      const ddelta = madd(viaB, ut, f32x4.mul(v128.load(record, VIA_A), splat(LN2)));
      const draw = f32x4.mul(ddelta, v128.load(record, SLOPE));
      putLanes(ddt + at, draw, n, accumulateDt);
      putLanes(ddtBias + at, draw, n, true);
      putLanes(dD + at, f32x4.mul(dsum, ut), n, true);
      putLanes(du + at, madd(viaB, v128.load(record, DELTA), f32x4.mul(dsum, loadLanes(D + at, n))), n, accumulateU);
      putLanes(dz + at, f32x4.mul(v128.load(record, GATE), v128.load(record, SUM)), n, accumulateZ);
      record += RUN;
    }
    u += uRow;
    du += duRow;
    ddt += ddtRow;
    dz += dzRow;
  }
}
