// Vector arithmetic shared by the kernels: four float32 lanes at a time.

/** a·b + c; fused in the relaxed build, rounded twice in the other. */
// @ts-expect-error: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-expect-error: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-expect-error: decorator
@inline
export const LOG2E: f32 = 1.4426950408889634;
// @ts-expect-error: decorator
@inline
export const LN2: f32 = 0.6931471805599453;

/**
 * 2^x for x ≤ 127; below −126 it stays at 2^−126. Within 1.5 ulp.
 *
 * Adding 1.5·2^23 rounds x to an integer n whose bits are then the low bits of the sum; the rest f in [−½, ½] goes
 * through a minimax polynomial (degree 6, 2e-9 relative), and n is shifted into the exponent. NaN stays NaN.
 */
// @ts-expect-error: decorator
@inline
export function exp2(x: v128): v128 {
  const clamped = f32x4.pmax(x, splat(-126));
  const shifted = f32x4.add(clamped, splat(12582912));
  const f = f32x4.sub(clamped, f32x4.sub(shifted, splat(12582912)));
  let p = madd(splat(0.0001535336195243181), f, splat(0.0013398874404458583));
  p = madd(p, f, splat(0.009618437357432133));
  p = madd(p, f, splat(0.055503324711566604));
  p = madd(p, f, splat(0.24022647913632003));
  p = madd(p, f, splat(0.6931472028550472));
  p = madd(p, f, splat(1));
  return f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000)));
}

/** 1 / (1 + e^−x) */
// @ts-expect-error: decorator
@inline
export function sigmoid(x: v128): v128 {
  const exponent = f32x4.pmin(f32x4.mul(x, splat(-LOG2E)), splat(126));
  return f32x4.div(splat(1), f32x4.add(splat(1), exp2(exponent)));
}

/**
 * ln(1 + e^x) = max(x, 0) + ln(1 + e), e = e^−|x|; ln(1 + e) = 2·artanh(e / (2 + e)) by a minimax polynomial (4e-9).
 * Above 20, where PyTorch returns x itself, the second term is below half a unit in the last place of x.
 */
// @ts-expect-error: decorator
@inline
export function softplus(x: v128): v128 {
  const e = exp2(f32x4.mul(f32x4.abs(x), splat(-LOG2E)));
  const s = f32x4.div(e, f32x4.add(e, splat(2)));
  const s2 = f32x4.mul(s, s);
  let p = madd(splat(0.14005993356340712), s2, splat(0.14000902651038613));
  p = madd(p, s2, splat(0.20010763618324018));
  p = madd(p, s2, splat(0.3333320814286332));
  p = madd(p, s2, splat(1));
  return madd(f32x4.add(s, s), p, f32x4.pmax(x, splat(0)));
}

/** Sum of the four lanes, in a fixed order. */
// @ts-expect-error: decorator
@inline
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3))
  );
}

/** The first `count` of four floats, the other lanes 0; reads no further than that. */
// @ts-expect-error: decorator
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
// @ts-expect-error: decorator
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
// @ts-expect-error: decorator
@inline
export function putLanes(address: usize, x: v128, count: i32, accumulate: bool): void {
  storeLanes(address, accumulate ? f32x4.add(x, loadLanes(address, count)) : x, count);
}

export function clearFloats(address: usize, count: i32): void {
  memory.fill(address, 0, (<usize>count) << 2);
}

/** `target[0…width] += share · source[0…width]` */
// @ts-expect-error: decorator
@inline
export function addScaled(target: usize, source: usize, share: f32, width: i32): void {
  for (let c = 0; c < width; c += 4) {
    const at = <usize>c << 2;
    const n = width - c;
    storeLanes(target + at, madd(splat(share), loadLanes(source + at, n), loadLanes(target + at, n)), n);
  }
}

/** Zeros in whole vectors; for short runs, where a call to the host's memory.fill costs more than the stores. */
// @ts-ignore: decorator
@inline
export function clearVectors(address: usize, count: i32): void {
  for (let i = 0; i < count; i++) v128.store(address + (<usize>i << 4), splat(0));
}
