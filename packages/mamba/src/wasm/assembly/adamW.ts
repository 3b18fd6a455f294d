import { loadLanes, madd, splat, storeLanes } from './math';

/** The host works out `keep` = 1 − lr·decay, `stepSize` = lr / (1 − β₁ᵗ) and `correction` = 1 / √(1 − β₂ᵗ) in float64. */
export function adamWUpdate(
  count: i32,
  weight: usize,
  gradient: usize,
  first: usize,
  second: usize,
  gradientScale: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  keep: f32,
  stepSize: f32,
  correction: f32,
  epsilon: f32,
): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    const n = count - i;
    const g = f32x4.mul(loadLanes(gradient + at, n), splat(gradientScale));
    const m = madd(splat(beta1), loadLanes(first + at, n), f32x4.mul(splat(rest1), g));
    const v = madd(splat(beta2), loadLanes(second + at, n), f32x4.mul(f32x4.mul(splat(rest2), g), g));
    storeLanes(first + at, m, n);
    storeLanes(second + at, v, n);
    const root = madd(f32x4.sqrt(v), splat(correction), splat(epsilon));
    const change = f32x4.div(f32x4.mul(splat(stepSize), m), root);
    storeLanes(weight + at, f32x4.sub(f32x4.mul(loadLanes(weight + at, n), splat(keep)), change), n);
  }
}

/** In float64, in two lanes of two sums: an order that depends on the count alone. */
export function sumOfSquares(count: i32, x: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i = 0; i < count; i += 4) {
    const v = loadLanes(x + (<usize>i << 2), count - i);
    const first = f64x2.promote_low_f32x4(v);
    const last = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(first, first));
    high = f64x2.add(high, f64x2.mul(last, last));
  }
  const sums = f64x2.add(low, high);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

export function addFloats(count: i32, x: usize, target: usize): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    storeLanes(target + at, f32x4.add(loadLanes(target + at, count - i), loadLanes(x + at, count - i)), count - i);
  }
}
