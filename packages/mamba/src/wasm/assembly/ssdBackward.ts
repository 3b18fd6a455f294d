// Mamba-2's scan backwards: chunk by chunk from the last, recomputing C·Bᵀ and the decays inside each. What passes from
// chunk to chunk is the derivative by the state between them.
import { multiply, multiplyPanel, pack } from './multiply';
import { clearFloats, LN2, loadLanes, madd, splat, storeLanes, sumLanes } from './math';
import {
  ACROSS, BASE_PANEL, CHUNK, COLUMN_SUM, copyRows, decayRate, DELTA, DGRAM, DWEIGHTS, ENTRY, ENTRY_DOT, GRAM, GROUP_B, GROUP_C,
  MATRIX_ROW, multiplyLower, multiplyTriangle, multiplyTriangleTransposed, PANEL, PANEL_ROW, prepareHead, PRODUCT_PANEL,
  READ_DOT, ROWS_PANEL, scalePanel, scaleRows, SINCE, SLOPE, STATE_PANEL, UNTIL, WEIGHTS, WIDE,
} from './ssdScratch';
import { weighBackward } from './ssdWeights';

/** Adds each row of WIDE, times its factor, to the derivative, and takes its product with the row of B or C. */
function addWide(
  rows: i32,
  state: i32,
  factors: usize,
  matrix: usize,
  target: usize,
  targetRow: usize,
  dots: usize,
  scratch: usize,
): void {
  let from = scratch + WIDE;
  const row = <usize>state << 2;
  for (let t = 0; t < rows; t++) {
    const factor = v128.load32_splat(factors);
    let dot = splat(0);
    for (let n = 0; n < state; n += 4) {
      const at = <usize>n << 2;
      const count = state - n;
      const value = loadLanes(from + at, count);
      dot = madd(value, loadLanes(matrix + at, count), dot);
      storeLanes(target + at, madd(factor, value, loadLanes(target + at, count)), count);
    }
    store<f32>(dots, sumLanes(dot));
    from += row;
    matrix += row;
    target += targetRow;
    factors += 4;
    dots += 4;
  }
}

/** Σ a·b */
function dotFloats(count: i32, a: usize, b: usize): f32 {
  let sum = splat(0);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    sum = madd(loadLanes(a + at, count - i), loadLanes(b + at, count - i), sum);
  }
  return sumLanes(sum);
}

/** dx, and the derivative by the state before the chunk in place of that by the state after it. */
function backwardHead(
  rows: i32,
  headDim: i32,
  state: i32,
  skip: f32,
  fresh: bool,
  last: bool,
  dy: usize,
  dyRow: usize,
  dstate: usize,
  dx: usize,
  dxRow: usize,
  accumulate: bool,
  scratch: usize,
): void {
  const stateRow = <usize>state << 2;
  const headRow = <usize>headDim << 2;
  const dys = scratch + ROWS_PANEL;
  const sums = scratch + BASE_PANEL;
  const dhs = scratch + STATE_PANEL;
  const whole = load<f32>(scratch + SINCE + (<usize>(rows - 1) << 2));
  for (let p = 0; p < headDim; p += PANEL) {
    const column = <usize>p << 2;
    const width = min(PANEL, headDim - p);
    pack(dy + column, dyRow, 4, rows, width, dys);
    if (!last) {
      pack(dstate + column, headRow, 4, state, width, dhs);
      multiplyPanel(
        rows, state, scratch + GROUP_B, stateRow, 4, dhs, sums, PANEL_ROW, 0, 0, splat(0), splat(0), PANEL,
      );
    }
    for (let t = 0; t < rows; t++) {
      const at = <usize>t * PANEL_ROW;
      let low = f32x4.mul(splat(skip), v128.load(dys + at));
      let high = f32x4.mul(splat(skip), v128.load(dys + at, 16));
      if (!last) {
        const entry = v128.load32_splat(scratch + ENTRY + (<usize>t << 2));
        low = madd(entry, v128.load(sums + at), low);
        high = madd(entry, v128.load(sums + at, 16), high);
      }
      if (accumulate) {
        const held = dx + <usize>t * dxRow + column;
        low = f32x4.add(low, loadLanes(held, width));
        if (width > 4) high = f32x4.add(high, loadLanes(held + 16, width - 4));
      }
      v128.store(sums + at, low);
      v128.store(sums + at, high, 16);
    }
    multiplyTriangleTransposed(rows, scratch + WEIGHTS, dys, dx + column, dxRow, sums, PANEL_ROW, width);
    if (!fresh) {
      scaleRows(rows, dys, scratch + SINCE);
      if (!last) scalePanel(state, dhs, whole);
      const base = last ? 0 : dhs;
      multiplyPanel(
        state, rows, scratch + GROUP_C, 4, stateRow, dys, dstate + column, headRow, base, PANEL_ROW, splat(0), splat(0),
        width,
      );
    }
  }
}

/**
 * From the sums at hand, the derivatives by a head's Δ and A. A decay at t lies between every s < t and every i ≥ t, and
 * between the states before and after; `carried` is the product of the latter two and their decay.
 */
function finishHead(
  rows: i32,
  rate: f32,
  carried: f32,
  ddt: usize,
  ddtRow: usize,
  accumulateDt: bool,
  ddtBias: usize,
  dALog: usize,
  dD: usize,
  scratch: usize,
): void {
  const A = <f64>rate * <f64>LN2;
  let entries: f64 = 0;
  for (let t = 0; t < rows - 1; t++) {
    const at = scratch + (<usize>t << 2);
    entries += <f64>load<f32>(at + ENTRY) * <f64>load<f32>(at + ENTRY_DOT);
  }
  let reads: f64 = 0;
  let biasSum: f64 = 0;
  let rateSum: f64 = 0;
  let skipSum: f64 = 0;
  for (let t = rows - 1; t >= 0; t--) {
    const at = scratch + (<usize>t << 2);
    const delta = <f64>load<f32>(at + DELTA);
    const columnSum = <f64>load<f32>(at + COLUMN_SUM);
    const entryDot = <f64>load<f32>(at + ENTRY_DOT);
    if (t < rows - 1) entries -= <f64>load<f32>(at + ENTRY) * entryDot;
    reads += <f64>load<f32>(at + SINCE) * <f64>load<f32>(at + READ_DOT);
    const exponent = <f64>load<f32>(at + ACROSS) + reads + entries + <f64>carried;
    const diagonal = <usize>t * (MATRIX_ROW + 4);
    const dweight = <f64>load<f32>(scratch + DWEIGHTS + diagonal);
    const entered = columnSum + dweight * <f64>load<f32>(scratch + GRAM + diagonal) + <f64>load<f32>(at + UNTIL) * entryDot;
    const draw = (A * exponent + entered) * <f64>load<f32>(at + SLOPE);
    const to = ddt + <usize>t * ddtRow;
    store<f32>(to, accumulateDt ? <f32>(<f64>load<f32>(to) + draw) : <f32>draw);
    biasSum += draw;
    rateSum += delta * exponent;
    skipSum += dweight;
  }
  store<f32>(ddtBias, <f32>(<f64>load<f32>(ddtBias) + biasSum));
  // ∂A/∂A_log = A.
  store<f32>(dALog, <f32>(<f64>load<f32>(dALog) + A * rateSum));
  store<f32>(dD, <f32>(<f64>load<f32>(dD) + skipSum));
}

/** Adds to the derivatives by a group's B and C what comes by C·Bᵀ. */
function finishGroup(rows: i32, state: i32, dB: usize, dBRow: usize, dC: usize, dCRow: usize, scratch: usize): void {
  const stateRow = <usize>state << 2;
  const panel = scratch + ROWS_PANEL;
  for (let n = 0; n < state; n += PANEL) {
    const at = <usize>n << 2;
    const width = min(PANEL, state - n);
    pack(scratch + GROUP_B + at, stateRow, 4, rows, width, panel);
    multiplyTriangle(rows, scratch + DGRAM, panel, dC + at, dCRow, dC + at, dCRow, width);
    pack(scratch + GROUP_C + at, stateRow, 4, rows, width, panel);
    multiplyTriangleTransposed(rows, scratch + DGRAM, panel, dB + at, dBRow, dB + at, dBRow, width);
  }
}

function clearRows(rows: i32, columns: i32, to: usize, toRow: usize): void {
  for (let t = 0; t < rows; t++) clearFloats(to + <usize>t * toRow, columns);
}

/** `dstate` is (heads, state, headDim), room for one sequence's. */
export function ssdBackward(
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
  states: usize,
  dy: usize,
  dstate: usize,
  dx: usize,
  dxRow: usize,
  accumulateX: bool,
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
  scratch: usize,
): void {
  if (!accumulateDtBias) clearFloats(ddtBias, heads);
  if (!accumulateALog) clearFloats(dALog, heads);
  if (!accumulateD) clearFloats(dD, heads);
  const chunks = (length + CHUNK - 1) / CHUNK;
  const shared = heads / groups;
  const headRow = <usize>headDim << 2;
  const dyRow = <usize>heads * headRow;
  const stateRow = <usize>state << 2;
  const stateBytes = <usize>headDim * stateRow;
  const groupB = scratch + GROUP_B;
  const groupC = scratch + GROUP_C;
  const wide = scratch + WIDE;
  for (let b = 0; b < batch; b++) {
    for (let chunk = chunks - 1; chunk >= 0; chunk--) {
      const rows = min(CHUNK, length - chunk * CHUNK);
      const first = <usize>(b * length + chunk * CHUNK);
      const starts = states + <usize>((b * (chunks - 1) + chunk - 1) * heads) * stateBytes;
      const fresh = chunk == 0;
      const last = chunk == chunks - 1;
      for (let group = 0; group < groups; group++) {
        const offset = <usize>group * stateRow;
        const dBAt = dB + first * dBRow + offset;
        const dCAt = dC + first * dCRow + offset;
        if (!accumulateB) clearRows(rows, state, dBAt, dBRow);
        if (!accumulateC) clearRows(rows, state, dCAt, dCRow);
        copyRows(rows, state, B + first * BRow + offset, BRow, groupB, stateRow);
        copyRows(rows, state, C + first * CRow + offset, CRow, groupC, stateRow);
        multiplyLower(rows, state, groupC, stateRow, groupB, stateRow, scratch + GRAM, scratch);
        clearFloats(scratch + DGRAM, CHUNK * CHUNK);
        for (let head = group * shared; head < (group + 1) * shared; head++) {
          const place = <usize>head << 2;
          const column = <usize>head * headRow;
          const xAt = x + first * xRow + column;
          const dyAt = dy + first * dyRow + column;
          const dtAt = dt + first * dtRow + place;
          const rate = decayRate(ALog + place);
          const start = starts + <usize>head * stateBytes;
          const dh = dstate + <usize>head * stateBytes;
          prepareHead(rows, dtAt, dtRow, load<f32>(dtBias + place), rate, true, scratch);
          multiplyLower(rows, headDim, dyAt, dyRow, xAt, xRow, scratch + DWEIGHTS, scratch);
          weighBackward(rows, scratch);
          const panel = scratch + PRODUCT_PANEL;
          if (fresh) clearFloats(scratch + READ_DOT, CHUNK);
          else {
            multiply(rows, state, headDim, dyAt, dyRow, 4, start, 4, headRow, wide, stateRow, 0, 0, 0, panel);
            addWide(rows, state, scratch + SINCE, groupC, dCAt, dCRow, scratch + READ_DOT, scratch);
          }
          if (last) clearFloats(scratch + ENTRY_DOT, CHUNK);
          else {
            multiply(rows, state, headDim, xAt, xRow, 4, dh, 4, headRow, wide, stateRow, 0, 0, 0, panel);
            addWide(rows, state, scratch + ENTRY, groupB, dBAt, dBRow, scratch + ENTRY_DOT, scratch);
          }
          let carried: f32 = 0;
          if (!fresh && !last) {
            carried = load<f32>(scratch + SINCE + (<usize>(rows - 1) << 2)) * dotFloats(state * headDim, start, dh);
          }
          backwardHead(
            rows, headDim, state, load<f32>(D + place), fresh, last, dyAt, dyRow, dh,
            dx + first * dxRow + column, dxRow, accumulateX, scratch,
          );
          finishHead(
            rows, rate, carried, ddt + first * ddtRow + place, ddtRow, accumulateDt, ddtBias + place, dALog + place,
            dD + place, scratch,
          );
        }
        finishGroup(rows, state, dBAt, dBRow, dCAt, dCRow, scratch);
      }
    }
  }
}
