// Mamba-2's scan by chunks: quadratic inside a chunk, as products of small matrices, and a state from chunk to chunk. The
// states lie in the memory that the backward pass reads them from; all else is in scratch memory.
import { multiplyPanel, pack } from './multiply';
import { madd, splat } from './math';
import {
  BASE_PANEL, CHUNK, copyRows, decayRate, ENTRY, GRAM, GROUP_B, GROUP_C, multiplyLower, multiplyTriangle, PANEL, PANEL_ROW,
  prepareHead, ROWS_PANEL, scalePanel, scaleRows, SINCE, STATE_PANEL, WEIGHTS,
} from './ssdScratch';
import { weigh } from './ssdWeights';

/**
 * One head over a chunk, eight of its channels at a time. `start` and `end` are the states before and after, (state,
 * headDim): 0 where there is none and where it is not wanted.
 */
function forwardHead(
  rows: i32,
  headDim: i32,
  state: i32,
  skip: f32,
  x: usize,
  xRow: usize,
  start: usize,
  end: usize,
  y: usize,
  yRow: usize,
  scratch: usize,
): void {
  const stateRow = <usize>state << 2;
  const headRow = <usize>headDim << 2;
  const xs = scratch + ROWS_PANEL;
  const sums = scratch + BASE_PANEL;
  const hs = scratch + STATE_PANEL;
  const whole = load<f32>(scratch + SINCE + (<usize>(rows - 1) << 2));
  for (let p = 0; p < headDim; p += PANEL) {
    const column = <usize>p << 2;
    const width = min(PANEL, headDim - p);
    pack(x + column, xRow, 4, rows, width, xs);
    if (start) {
      pack(start + column, headRow, 4, state, width, hs);
      multiplyPanel(
        rows, state, scratch + GROUP_C, stateRow, 4, hs, sums, PANEL_ROW, 0, 0, splat(0), splat(0), PANEL,
      );
    }
    for (let t = 0; t < rows; t++) {
      const at = <usize>t * PANEL_ROW;
      let low = f32x4.mul(splat(skip), v128.load(xs + at));
      let high = f32x4.mul(splat(skip), v128.load(xs + at, 16));
      if (start) {
        const since = v128.load32_splat(scratch + SINCE + (<usize>t << 2));
        low = madd(since, v128.load(sums + at), low);
        high = madd(since, v128.load(sums + at, 16), high);
      }
      v128.store(sums + at, low);
      v128.store(sums + at, high, 16);
    }
    multiplyTriangle(rows, scratch + WEIGHTS, xs, y + column, yRow, sums, PANEL_ROW, width);
    if (end) {
      scaleRows(rows, xs, scratch + ENTRY);
      if (start) scalePanel(state, hs, whole);
      const base = start ? hs : 0;
      multiplyPanel(
        state, rows, scratch + GROUP_B, 4, stateRow, xs, end + column, headRow, base, PANEL_ROW, splat(0), splat(0), width,
      );
    }
  }
}

/** `y = h·C + D·x`; strides are in bytes. `states` is (batch, chunks − 1, heads, state, headDim). */
export function ssdForward(
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
  y: usize,
  states: usize,
  scratch: usize,
): void {
  const chunks = (length + CHUNK - 1) / CHUNK;
  const shared = heads / groups;
  const headRow = <usize>headDim << 2;
  const yRow = <usize>heads * headRow;
  const stateRow = <usize>state << 2;
  const stateBytes = <usize>headDim * stateRow;
  for (let b = 0; b < batch; b++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const rows = min(CHUNK, length - chunk * CHUNK);
      const first = <usize>(b * length + chunk * CHUNK);
      const after = states + <usize>((b * (chunks - 1) + chunk) * heads) * stateBytes;
      for (let group = 0; group < groups; group++) {
        const offset = <usize>group * stateRow;
        copyRows(rows, state, B + first * BRow + offset, BRow, scratch + GROUP_B, stateRow);
        copyRows(rows, state, C + first * CRow + offset, CRow, scratch + GROUP_C, stateRow);
        multiplyLower(rows, state, scratch + GROUP_C, stateRow, scratch + GROUP_B, stateRow, scratch + GRAM, scratch);
        for (let head = group * shared; head < (group + 1) * shared; head++) {
          const place = <usize>head << 2;
          const column = <usize>head * headRow;
          const end = after + <usize>head * stateBytes;
          const rate = decayRate(ALog + place);
          prepareHead(rows, dt + first * dtRow + place, dtRow, load<f32>(dtBias + place), rate, false, scratch);
          weigh(rows, scratch);
          forwardHead(
            rows, headDim, state, load<f32>(D + place), x + first * xRow + column, xRow,
            chunk > 0 ? end - <usize>heads * stateBytes : 0, chunk < chunks - 1 ? end : 0,
            y + first * yRow + column, yRow, scratch,
          );
        }
      }
    }
  }
}
