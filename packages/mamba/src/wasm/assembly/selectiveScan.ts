// The scan runs sequentially over time, in groups of channels and chunks of positions that fit the caches, with four
// channels in a vector and four states at a time. What is as long as a chunk lies in scratch memory; nothing grows with
// length × inner × state.
import { loadLanes, madd, sigmoid, splat, storeLanes } from './math';
import { BLOCK, BLOCK_ROW, BY_STATE, CHUNK, DECAY, DRIVE, GROUP, LAST_B, LAST_C, loadDecayRates, prepare, QUAD, RECORD, RUN, storeDecays, SUM, wholeQuad } from './scanScratch';
import { scanSinglesForward } from './scanSingles';

/** Four states of four channels through a chunk: carries h on and adds C·h to the sum. */
function carryForward(
  rows: i32,
  fresh: bool,
  rates: usize,
  carried: usize,
  B: usize,
  BRow: usize,
  C: usize,
  CRow: usize,
  records: usize,
  scratch: usize,
): void {
  storeDecays(rows, fresh, rates, records, scratch);
  let h0 = splat(0);
  let h1 = splat(0);
  let h2 = splat(0);
  let h3 = splat(0);
  if (!fresh) {
    h0 = v128.load(carried);
    h1 = v128.load(carried, BLOCK_ROW);
    h2 = v128.load(carried, 2 * BLOCK_ROW);
    h3 = v128.load(carried, 3 * BLOCK_ROW);
  }
  let saved = scratch;
  const end = records + <usize>rows * RECORD;
  for (let record = records; record < end; record += RECORD) {
    const drive = v128.load(record, DRIVE);
    let sum = v128.load(record, SUM);
    h0 = madd(v128.load(saved, DECAY), h0, f32x4.mul(drive, v128.load32_splat(B)));
    sum = madd(h0, v128.load32_splat(C), sum);
    h1 = madd(v128.load(saved, DECAY + 16), h1, f32x4.mul(drive, v128.load32_splat(B, 4)));
    sum = madd(h1, v128.load32_splat(C, 4), sum);
    h2 = madd(v128.load(saved, DECAY + 32), h2, f32x4.mul(drive, v128.load32_splat(B, 8)));
    sum = madd(h2, v128.load32_splat(C, 8), sum);
    h3 = madd(v128.load(saved, DECAY + 48), h3, f32x4.mul(drive, v128.load32_splat(B, 12)));
    v128.store(record, madd(h3, v128.load32_splat(C, 12), sum), SUM);
    saved += QUAD;
    B += BRow;
    C += CRow;
  }
  v128.store(carried, h0);
  v128.store(carried, h1, BLOCK_ROW);
  v128.store(carried, h2, 2 * BLOCK_ROW);
  v128.store(carried, h3, 3 * BLOCK_ROW);
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
  const carried = rates + <usize>((state + 3) & ~3) * BLOCK_ROW;
  for (let block = 0; block < blocks; block++) {
    const d0 = block * BLOCK;
    const channels = min(BLOCK, inner - d0);
    loadDecayRates(ALog + (<usize>(d0 * state) << 2), state, channels, rates);
    for (let b = 0; b < batch; b++) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        const rows = min(CHUNK, length - chunk * CHUNK);
        const first = <usize>(b * length + chunk * CHUNK);
        const BAt = B + first * BRow;
        const CAt = C + first * CRow;
        for (let g = 0; g < channels; g += GROUP) {
          const width = min(GROUP, channels - g);
          const column = <usize>(d0 + g) << 2;
          prepare(rows, width, u + first * uRow + column, uRow, dt + first * dtRow + column, dtRow, dtBias + column, D + column, false, scratch);
          for (let n = 0; n < state; n += 4) {
            const whole = n + 4 <= state;
            const BQuad = wholeQuad(BAt, BRow, rows, n, state, scratch + LAST_B);
            const CQuad = wholeQuad(CAt, CRow, rows, n, state, scratch + LAST_C);
            for (let d = 0; d < width; d += 4) {
              const place = <usize>n * BLOCK_ROW + (<usize>(g + d) << 2);
              carryForward(
                rows, chunk == 0, rates + place, carried + place, BQuad, whole ? BRow : 16, CQuad, whole ? CRow : 16,
                scratch + <usize>(d >> 2) * RUN, scratch,
              );
            }
          }
          putGated(rows, width, z + first * zRow + column, zRow, y + first * yRow + column, yRow, scratch);
        }
        if (chunk < chunks - 1) {
          memory.copy(states + <usize>((b * (chunks - 1) + chunk) * blocks + block) * stateBytes, carried, stateBytes);
        }
      }
    }
  }
}

/** The sums of a chunk of a group, through the gate. */
function putGated(rows: i32, channels: i32, z: usize, zRow: usize, y: usize, yRow: usize, scratch: usize): void {
  for (let t = 0; t < rows; t++) {
    let record = scratch + <usize>t * RECORD;
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const n = channels - d;
      const gate = loadLanes(z + at, n);
      storeLanes(y + at, f32x4.mul(v128.load(record, SUM), f32x4.mul(gate, sigmoid(gate))), n);
      record += RUN;
    }
    z += zRow;
    y += yRow;
  }
}
