// Vector arithmetic shared by the kernels: four float32 lanes at a time.

/** a·b + c; fused in the relaxed build, rounded twice in the other. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/**
 * Constants, each in all four lanes, to be loaded where they are used: the engine rebuilds a constant of the code itself
 * from two 64-bit halves at every use, in loops too, and an exp2 made of such constants took twice the time.
 */
const TABLE: usize = memory.data<f32>(
  [
    -126, -126, -126, -126, 12582912, 12582912, 12582912, 12582912,
    // 2^f on [−½, ½], of degree 5 with 1 as its last: the largest error in units in the last place is the smallest, 1.05.
    0.0013225707457044018, 0.0013225707457044018, 0.0013225707457044018, 0.0013225707457044018,
    0.009671762912535131, 0.009671762912535131, 0.009671762912535131, 0.009671762912535131,
    0.05550891438430733, 0.05550891438430733, 0.05550891438430733, 0.05550891438430733,
    0.2402223703662101, 0.2402223703662101, 0.2402223703662101, 0.2402223703662101,
    0.69314682924804, 0.69314682924804, 0.69314682924804, 0.69314682924804,
    1, 1, 1, 1, 2, 2, 2, 2,
    -1.4426950408889634, -1.4426950408889634, -1.4426950408889634, -1.4426950408889634,
    126, 126, 126, 126,
    // artanh(s)/s − 1 by s², s ≤ 1/3: minimax of degree 4, 4.5e-9 relative.
    0.14005993356340712, 0.14005993356340712, 0.14005993356340712, 0.14005993356340712,
    0.14000902651038613, 0.14000902651038613, 0.14000902651038613, 0.14000902651038613,
    0.20010763618324018, 0.20010763618324018, 0.20010763618324018, 0.20010763618324018,
    0.3333320814286332, 0.3333320814286332, 0.3333320814286332, 0.3333320814286332,
  ],
  16,
);
// Places in the table, in bytes.
@inline const LOWEST: usize = 0;
@inline const ROUNDER: usize = 16;
@inline const EXP2: usize = 32;
@inline const ONE: usize = 112;
@inline const TWO: usize = 128;
@inline const MINUS_LOG2E: usize = 144;
@inline const HIGHEST: usize = 160;
@inline const ARTANH: usize = 176;

@inline export const LOG2E: f32 = 1.4426950408889634;
@inline export const LN2: f32 = 0.6931471805599453;

/** 1 in every lane. */
@inline
export function one(): v128 {
  return v128.load(TABLE + ONE);
}

/**
 * 2^x for x ≤ 127; below −126 it stays at 2^−126. Within 2 ulp.
 *
 * Adding 1.5·2^23 rounds x to an integer n whose bits are then the low bits of the sum; the rest f in [−½, ½] goes
 * through the polynomial, and n is shifted into the exponent, where 1's own bits are the bias. NaN stays NaN.
 */
@inline
export function exp2(x: v128): v128 {
  const clamped = f32x4.pmax(x, v128.load(TABLE + LOWEST));
  const rounder = v128.load(TABLE + ROUNDER);
  const shifted = f32x4.add(clamped, rounder);
  const f = f32x4.sub(clamped, f32x4.sub(shifted, rounder));
  let p = madd(v128.load(TABLE + EXP2), f, v128.load(TABLE + EXP2, 16));
  p = madd(p, f, v128.load(TABLE + EXP2, 32));
  p = madd(p, f, v128.load(TABLE + EXP2, 48));
  p = madd(p, f, v128.load(TABLE + EXP2, 64));
  p = madd(p, f, one());
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), one()));
}

/** One of exp2's constants in the order of the table, for a loop that keeps them in registers. */
@inline
export function exp2Constant(k: usize): v128 {
  return v128.load(TABLE + LOWEST + (k << 4));
}

/**
 * 2^(x·rate), rate < 0, as exp2 does it, but with constants 1 … 7 at hand; `limit` is the x from which it stays where it
 * is, just above 2^−126. The polynomial in pairs: every sum that is added to is a new one, which saves the engine copies.
 */
@inline
export function exp2Product(
  x: v128,
  rate: v128,
  limit: v128,
  rounder: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  c1: v128,
  c0: v128,
): v128 {
  const clamped = f32x4.pmin(x, limit);
  const shifted = madd(clamped, rate, rounder);
  const f = madd(clamped, rate, f32x4.sub(rounder, shifted));
  const f2 = f32x4.mul(f, f);
  const p = madd(madd(madd(madd(c5, f, c4), f2, madd(c3, f, c2)), f, c1), f, c0);
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), c0));
}

/** e^−|x|, from which softplus and its derivative, the sigmoid, follow. */
@inline
export function expOfMinusAbs(x: v128): v128 {
  return exp2(f32x4.mul(f32x4.abs(x), v128.load(TABLE + MINUS_LOG2E)));
}

/** sigmoid(x), with e = e^−|x|. */
@inline
export function sigmoidFrom(x: v128, e: v128): v128 {
  const numerator = v128.bitselect(one(), e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one(), e));
}

/** 1 / (1 + e^−x) */
@inline
export function sigmoid(x: v128): v128 {
  const exponent = f32x4.pmin(f32x4.mul(x, v128.load(TABLE + MINUS_LOG2E)), v128.load(TABLE + HIGHEST));
  return f32x4.div(one(), f32x4.add(one(), exp2(exponent)));
}

/** The derivative of silu(x) = x·sigmoid(x), by the sigmoid at hand. */
@inline
export function siluSlope(x: v128, sigma: v128): v128 {
  return f32x4.mul(sigma, madd(x, f32x4.sub(one(), sigma), one()));
}

/**
 * ln(1 + e^x) = max(x, 0) + ln(1 + e), e = e^−|x|; ln(1 + e) = 2·artanh(e / (2 + e)).
 * Above 20, where PyTorch returns x itself, the second term is below half a unit in the last place of x.
 */
@inline
export function softplus(x: v128): v128 {
  return softplusFrom(x, expOfMinusAbs(x));
}

/** softplus(x), with e = e^−|x|. */
@inline
export function softplusFrom(x: v128, e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, v128.load(TABLE + TWO)));
  const s2 = f32x4.mul(s, s);
  let p = madd(v128.load(TABLE + ARTANH), s2, v128.load(TABLE + ARTANH, 16));
  p = madd(p, s2, v128.load(TABLE + ARTANH, 32));
  p = madd(p, s2, v128.load(TABLE + ARTANH, 48));
  p = madd(p, s2, one());
  return madd(f32x4.add(s, s), p, f32x4.pmax(x, f32x4.splat(0)));
}

/** Sum of the four lanes, in a fixed order. */
@inline
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3))
  );
}

/** The first `count` of four floats, the other lanes 0; reads no further than that. */
@inline
export function loadLanes(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  return loadPartial(address, count);
}

function loadPartial(address: usize, count: i32): v128 {
  let x = v128.load32_zero(address);
  if (count > 1) x = v128.load_lane<f32>(address, x, 1, 4);
  if (count > 2) x = v128.load_lane<f32>(address, x, 2, 8);
  return x;
}

/** Writes the first `count` of four floats and nothing beyond. */
@inline
export function storeLanes(address: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(address, x);
  else storePartial(address, x, count);
}

function storePartial(address: usize, x: v128, count: i32): void {
  v128.store_lane<f32>(address, x, 0, 0);
  if (count > 1) v128.store_lane<f32>(address, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(address, x, 2, 8);
}

/** Adds to what is there, or replaces it. */
@inline
export function putLanes(address: usize, x: v128, count: i32, accumulate: bool): void {
  storeLanes(address, accumulate ? f32x4.add(x, loadLanes(address, count)) : x, count);
}

export function clearFloats(address: usize, count: i32): void {
  memory.fill(address, 0, (<usize>count) << 2);
}

/** `target[0…width] += share · source[0…width]` */
@inline
export function addScaled(target: usize, source: usize, share: f32, width: i32): void {
  for (let c = 0; c < width; c += 4) {
    const at = <usize>c << 2;
    const n = width - c;
    storeLanes(target + at, madd(splat(share), loadLanes(source + at, n), loadLanes(target + at, n)), n);
  }
}

/** Zeros in whole vectors; for short runs, where a call to the host's memory.fill costs more than the stores. */
@inline
export function clearVectors(address: usize, count: i32): void {
  for (let i = 0; i < count; i++) v128.store(address + (<usize>i << 4), splat(0));
}
