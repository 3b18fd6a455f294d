// What each x of a chunk weighs in each y of it, and the way back: element by element, between the products.
import { exp2, splat, sumLanes } from './math';
import { ACROSS, COLUMN_SUM, DELTA, DGRAM, DWEIGHTS, GRAM, HIGH, LOW, MATRIX_ROW, WEIGHTS } from './ssdScratch';

/** Decays from four positions, of which `at` is the first's place, to the one whose sums are given. */
@inline
function decaysTo(high: v128, low: v128, at: usize, scratch: usize): v128 {
  const difference = f32x4.sub(high, v128.load(scratch + HIGH + at));
  return exp2(f32x4.add(difference, f32x4.sub(low, v128.load(scratch + LOW + at))));
}

/** All ones in the lanes whose column, from `first` on, is at most `last`. */
@inline
function lanesUpTo(first: i32, last: i32): v128 {
  return i32x4.le_s(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(last));
}

/** What of x[s] reaches y[t] by the states since the chunk's start: (C[t]·B[s])·exp(Σ Δ·A)·Δ[s], zero where s > t. */
export function weigh(rows: i32, scratch: usize): void {
  for (let t = 0; t < rows; t++) {
    const position = <usize>t << 2;
    const high = v128.load32_splat(scratch + HIGH + position);
    const low = v128.load32_splat(scratch + LOW + position);
    const row = scratch + <usize>t * MATRIX_ROW;
    const end = (t & ~7) + 8;
    for (let s = 0; s < end; s += 4) {
      const at = <usize>s << 2;
      if (s > t) {
        v128.store(row + WEIGHTS + at, splat(0));
        continue;
      }
      const share = f32x4.mul(v128.load(row + GRAM + at), v128.load(scratch + DELTA + at));
      const weight = f32x4.mul(decaysTo(high, low, at, scratch), share);
      v128.store(row + WEIGHTS + at, v128.and(weight, lanesUpTo(s, t)));
    }
  }
}

/**
 * Recomputes a head's weights and carries their derivative on: to C·Bᵀ (added to DGRAM), to Δ[s] (COLUMN_SUM: over t > s,
 * where t = s is left to finishHead) and to the decay at each t (ACROSS: over all pairs that it lies between, s < t ≤ i).
 * A difference of row and column sums would give the latter too, but where a steep decay leaves next to nothing of it, it
 * would be nothing but their rounding.
 */
export function weighBackward(rows: i32, scratch: usize): void {
  for (let at: usize = 0; at < MATRIX_ROW; at += 16) v128.store(scratch + COLUMN_SUM + at, splat(0));
  for (let t = rows - 1; t >= 0; t--) {
    const position = <usize>t << 2;
    const high = v128.load32_splat(scratch + HIGH + position);
    const low = v128.load32_splat(scratch + LOW + position);
    const row = scratch + <usize>t * MATRIX_ROW;
    const end = (t & ~7) + 8;
    let across = splat(0);
    for (let s = 0; s < end; s += 4) {
      const at = <usize>s << 2;
      if (s > t) {
        v128.store(row + WEIGHTS + at, splat(0));
        continue;
      }
      const delta = v128.load(scratch + DELTA + at);
      const gram = v128.load(row + GRAM + at);
      const decay = decaysTo(high, low, at, scratch);
      const through = f32x4.mul(v128.load(row + DWEIGHTS + at), decay);
      const reached = lanesUpTo(s, t);
      v128.store(row + WEIGHTS + at, v128.and(f32x4.mul(f32x4.mul(decay, gram), delta), reached));
      const dgram = v128.and(f32x4.mul(through, delta), reached);
      v128.store(row + DGRAM + at, f32x4.add(v128.load(row + DGRAM + at), dgram));
      const before = lanesUpTo(s, t - 1);
      const flow = v128.and(f32x4.mul(through, gram), before);
      const columnSum = f32x4.add(v128.load(scratch + COLUMN_SUM + at), flow);
      v128.store(scratch + COLUMN_SUM + at, columnSum);
      across = f32x4.add(across, v128.and(f32x4.mul(columnSum, delta), before));
    }
    store<f32>(scratch + ACROSS + position, sumLanes(across));
  }
}
