// What both directions of Mamba-2's scan share: the layout of scratch memory, a head's decays over a chunk, and products
// with the lower triangle of a (position, position) matrix.
import { multiplyPanel, pack } from './multiply';
import { exp2, expOfMinusAbs, LOG2E, loadLanes, sigmoidFrom, softplusFrom, splat, storeLanes } from './math';

/** Positions worked on as matrices; the host allocates states by the same number. */
export const CHUNK = 64;
/** From row to row of a (position, position) matrix. */
@inline export const MATRIX_ROW: usize = 256;
/** From row to row of a panel, eight columns of a matrix. */
@inline export const PANEL_ROW: usize = 32;
export const PANEL = 8;
/** Depth of what `pack` is given at once. */
const DEPTH = 512;

// Scratch memory. A number a position each, 256 bytes:
@inline export const DELTA: usize = 0;
/** Σ Δ·A·log2(e) from the chunk's start, as the sum of two float32: see prepareHead. */
@inline export const HIGH: usize = 256;
@inline export const LOW: usize = 512;
/** Decay from before the chunk to the position. */
@inline export const SINCE: usize = 768;
/** Decay from the position to the chunk's end. */
@inline export const UNTIL: usize = 1024;
/** Δ·UNTIL: what the position's x ⊗ B weighs in the state at the end. */
@inline export const ENTRY: usize = 1280;
/** What the derivatives by Δ and A are made of: see weighBackward and addWide. */
@inline export const ACROSS: usize = 1536;
@inline export const COLUMN_SUM: usize = 1792;
@inline export const READ_DOT: usize = 2048;
@inline export const ENTRY_DOT: usize = 2304;
/** The derivative of softplus. */
@inline export const SLOPE: usize = 2560;
// (position, position) matrices: C·Bᵀ, what of each x reaches each y, and their derivatives.
@inline export const GRAM: usize = 4096;
@inline export const WEIGHTS: usize = 20480;
@inline export const DWEIGHTS: usize = 36864;
@inline export const DGRAM: usize = 53248;
// Panels: of positions, of the sums to be added, of states, and the one that products over all columns pack.
@inline export const ROWS_PANEL: usize = 69632;
@inline export const BASE_PANEL: usize = 71680;
@inline export const STATE_PANEL: usize = 73728;
@inline export const PRODUCT_PANEL: usize = 90112;
// (position, state) matrices of at most 512 states: the group's B and C, and a product.
@inline export const GROUP_B: usize = 106496;
@inline export const GROUP_C: usize = 237568;
@inline export const WIDE: usize = 368640;

export function copyRows(rows: i32, columns: i32, from: usize, fromRow: usize, to: usize, toRow: usize): void {
  for (let t = 0; t < rows; t++) {
    for (let c = 0; c < columns; c += 4) {
      const at = <usize>c << 2;
      storeLanes(to + at, loadLanes(from + at, columns - c), columns - c);
    }
    from += fromRow;
    to += toRow;
  }
}

/** A·log2(e), so that exp(Δ·A) is exp2(Δ·that). */
@inline
export function decayRate(ALog: usize): f32 {
  return f32x4.extract_lane(exp2(splat(load<f32>(ALog) * LOG2E)), 0) * -LOG2E;
}

/**
 * Step sizes and decays of one head over a chunk; `slopes`: softplus' derivative as well. The decay between two positions
 * is the exponential of a difference of sums, which may be thousands while their difference is small: they are summed in
 * float64 and kept as two float32, so that the difference is as exact as if it had been summed by itself.
 */
export function prepareHead(
  rows: i32,
  dt: usize,
  dtRow: usize,
  bias: f32,
  rate: f32,
  slopes: bool,
  scratch: usize,
): void {
  const last = <usize>(rows - 1) << 2;
  const end = <usize>((rows + 3) & ~3) << 2;
  v128.store(scratch + DELTA + end - 16, splat(0));
  for (let at: usize = 0; at <= last; at += 4) {
    store<f32>(scratch + DELTA + at, load<f32>(dt) + bias);
    dt += dtRow;
  }
  for (let at: usize = 0; at < end; at += 16) {
    const raw = v128.load(scratch + DELTA + at);
    const e = expOfMinusAbs(raw);
    v128.store(scratch + DELTA + at, softplusFrom(raw, e));
    if (slopes) v128.store(scratch + SLOPE + at, sigmoidFrom(raw, e));
  }
  let sum: f64 = 0;
  for (let at: usize = 0; at < end; at += 4) {
    sum += <f64>load<f32>(scratch + DELTA + at) * <f64>rate;
    const high = <f32>sum;
    store<f32>(scratch + HIGH + at, high);
    store<f32>(scratch + LOW + at, <f32>(sum - <f64>high));
  }
  const lastHigh = v128.load32_splat(scratch + HIGH + last);
  const lastLow = v128.load32_splat(scratch + LOW + last);
  for (let at: usize = 0; at < end; at += 16) {
    const high = v128.load(scratch + HIGH + at);
    const low = v128.load(scratch + LOW + at);
    const until = exp2(f32x4.add(f32x4.sub(lastHigh, high), f32x4.sub(lastLow, low)));
    v128.store(scratch + SINCE + at, exp2(f32x4.add(high, low)));
    v128.store(scratch + UNTIL + at, until);
    v128.store(scratch + ENTRY + at, f32x4.mul(until, v128.load(scratch + DELTA + at)));
  }
}

/** Multiplies each row of a panel by its own factor. */
export function scaleRows(rows: i32, panel: usize, factors: usize): void {
  for (let t = 0; t < rows; t++) {
    const factor = v128.load32_splat(factors);
    v128.store(panel, f32x4.mul(v128.load(panel), factor));
    v128.store(panel, f32x4.mul(v128.load(panel, 16), factor), 16);
    panel += PANEL_ROW;
    factors += 4;
  }
}

/** Multiplies a whole panel by one factor. */
export function scalePanel(rows: i32, panel: usize, factor: f32): void {
  const end = panel + <usize>rows * PANEL_ROW;
  for (; panel < end; panel += 16) v128.store(panel, f32x4.mul(v128.load(panel), splat(factor)));
}

/** C = A·Bᵀ on and below the diagonal; what lies above is not to be read. A and B are (rows, depth). */
export function multiplyLower(
  rows: i32,
  depth: i32,
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
  scratch: usize,
): void {
  const panel = scratch + PRODUCT_PANEL;
  for (let s = 0; s < rows; s += PANEL) {
    const width = min(PANEL, rows - s);
    const to = c + <usize>s * MATRIX_ROW + (<usize>s << 2);
    for (let k = 0; k < depth; k += DEPTH) {
      const span = min(DEPTH, depth - k);
      const offset = <usize>k << 2;
      pack(b + <usize>s * bRow + offset, 4, bRow, span, width, panel);
      const from = a + <usize>s * aRow + offset;
      const base = k > 0 ? to : 0;
      multiplyPanel(rows - s, span, from, aRow, 4, panel, to, MATRIX_ROW, base, MATRIX_ROW, splat(0), splat(0), width);
    }
  }
}

/** C = lower·panel + base, eight rows at a time: the triangle's rows are zero from their diagonal to the eight's end. */
export function multiplyTriangle(
  rows: i32,
  lower: usize,
  panel: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  width: i32,
): void {
  for (let t = 0; t < rows; t += PANEL) {
    const count = min(PANEL, rows - t);
    const at = <usize>t;
    const from = lower + at * MATRIX_ROW;
    const onto = base + at * baseRow;
    const to = c + at * cRow;
    multiplyPanel(count, t + count, from, MATRIX_ROW, 4, panel, to, cRow, onto, baseRow, splat(0), splat(0), width);
  }
}

/** C = lowerᵀ·panel + base */
export function multiplyTriangleTransposed(
  rows: i32,
  lower: usize,
  panel: usize,
  c: usize,
  cRow: usize,
  base: usize,
  baseRow: usize,
  width: i32,
): void {
  for (let s = 0; s < rows; s += PANEL) {
    const count = min(PANEL, rows - s);
    const at = <usize>s;
    const from = lower + at * (MATRIX_ROW + 4);
    const slice = panel + at * PANEL_ROW;
    const onto = base + at * baseRow;
    const to = c + at * cRow;
    multiplyPanel(count, rows - s, from, 4, MATRIX_ROW, slice, to, cRow, onto, baseRow, splat(0), splat(0), width);
  }
}
