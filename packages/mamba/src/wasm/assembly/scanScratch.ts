// What the scan's two directions share: the layout of scratch memory, how a chunk begins, and the decays.
import { exp2, exp2Constant, exp2Product, expOfMinusAbs, LOG2E, loadLanes, sigmoidFrom, softplusFrom, splat } from './math';

/** Positions between two stored states; the host allocates them by the same number. */
export const CHUNK = 64;
/** Channels whose stored states and rates lie side by side. */
export const BLOCK = 64;
@inline export const BLOCK_ROW: usize = 256;
/** Channels prepared together: a cache line of each input. */
export const GROUP = 16;

// Scratch memory: for every four channels of a group a run of records, one a position, two cache lines each.
@inline export const RECORD: usize = 128;
@inline export const RUN: usize = 8192;
@inline export const DELTA: usize = 0;
@inline export const DRIVE: usize = 16;
@inline export const SUM: usize = 32;
@inline export const DSUM: usize = 48;
@inline export const VIA_B: usize = 64;
@inline export const VIA_A: usize = 80;
@inline export const SLOPE: usize = 96;
@inline export const GATE: usize = 112;
// Then h and its decay for four states of four channels at every position, the last columns of B and C where the
// states fill no four, and what depends on the number of states.
@inline export const H: usize = 32768;
@inline export const DECAY: usize = 36864;
@inline export const LAST_B: usize = 40960;
@inline export const LAST_C: usize = 41984;
@inline export const BY_STATE: usize = 43008;
/** Four states of four channels. */
@inline export const QUAD: usize = 64;

/** The exponent at which a decay stays where it is, above the smallest that exp2 gives. */
@inline const LOWEST_EXPONENT: f32 = -125.9;

/**
 * A·log2(e) by rows of a state's channels, so that exp(Δ·A) is exp2(Δ·that). Rows are made up to four, channels to whole
 * vectors, by any rate, as nothing of theirs is read.
 */
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
  for (let n = state; n % 4 > 0; n++) {
    for (let d = 0; d < channels; d += 4) v128.store(to + <usize>n * BLOCK_ROW + (<usize>d << 2), splat(-1));
  }
}

/** Where the four columns of B or C from n on can be read, row by row: in their place, or copied and made up by zeros. */
@inline
export function wholeQuad(at: usize, row: usize, rows: i32, n: i32, state: i32, copy: usize): usize {
  const from = at + (<usize>n << 2);
  if (n + 4 <= state) return from;
  for (let t = 0; t < rows; t++) v128.store(copy + (<usize>t << 4), loadLanes(from + <usize>t * row, state - n));
  return copy;
}

/** For a chunk of a group: Δ, Δ·u, and D·u to which the states' share of y is then added; `slopes`: softplus' as well. */
export function prepare(
  rows: i32,
  channels: i32,
  u: usize,
  uRow: usize,
  dt: usize,
  dtRow: usize,
  dtBias: usize,
  D: usize,
  slopes: bool,
  scratch: usize,
): void {
  for (let t = 0; t < rows; t++) {
    let record = scratch + <usize>t * RECORD;
    for (let d = 0; d < channels; d += 4) {
      const at = <usize>d << 2;
      const n = channels - d;
      const ut = loadLanes(u + at, n);
      const raw = f32x4.add(loadLanes(dt + at, n), loadLanes(dtBias + at, n));
      const e = expOfMinusAbs(raw);
      const delta = softplusFrom(raw, e);
      v128.store(record, delta, DELTA);
      v128.store(record, f32x4.mul(delta, ut), DRIVE);
      v128.store(record, f32x4.mul(loadLanes(D + at, n), ut), SUM);
      if (slopes) v128.store(record, sigmoidFrom(raw, e), SLOPE);
      record += RUN;
    }
    u += uRow;
    dt += dtRow;
  }
}

/**
 * exp(Δ·A) of four states of four channels over a chunk, in a loop of its own: there exp2's constants stay in registers.
 * Before the first position of a sequence there is no state to decay: 0.
 */
export function storeDecays(rows: i32, fresh: bool, rates: usize, records: usize, scratch: usize): void {
  const rounder = exp2Constant(1);
  const c5 = exp2Constant(2);
  const c4 = exp2Constant(3);
  const c3 = exp2Constant(4);
  const c2 = exp2Constant(5);
  const c1 = exp2Constant(6);
  const c0 = exp2Constant(7);
  for (let pair: usize = 0; pair < 2; pair++) {
    const rate0 = v128.load(rates);
    const rate1 = v128.load(rates, BLOCK_ROW);
    const limit0 = f32x4.div(splat(LOWEST_EXPONENT), rate0);
    const limit1 = f32x4.div(splat(LOWEST_EXPONENT), rate1);
    let record = records;
    let to = scratch + (pair << 5);
    const end = to + <usize>rows * QUAD;
    if (fresh) {
      v128.store(to, splat(0), DECAY);
      v128.store(to, splat(0), DECAY + 16);
      record += RECORD;
      to += QUAD;
    }
    for (; to < end; to += QUAD) {
      const delta = v128.load(record, DELTA);
      v128.store(to, exp2Product(delta, rate0, limit0, rounder, c5, c4, c3, c2, c1, c0), DECAY);
      v128.store(to, exp2Product(delta, rate1, limit1, rounder, c5, c4, c3, c2, c1, c0), DECAY + 16);
      record += RECORD;
    }
    rates += 2 * BLOCK_ROW;
  }
}
