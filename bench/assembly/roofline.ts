// What this machine's WebAssembly can do at most: multiply-adds from registers, exponentials, and bytes from memory.
import { exp2Constant, exp2Product, madd } from '../../packages/mamba/src/wasm/assembly/math';

/**
 * 12 independent sums, 4 lanes, 2 operations each: 96 floating-point operations a round. The factors come from outside,
 * as the engine would build constants anew at every use.
 */
export function multiplyAdds(rounds: i32, factor: f32, addend: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(addend);
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(1);
  let s2 = f32x4.splat(2);
  let s3 = f32x4.splat(3);
  let s4 = f32x4.splat(4);
  let s5 = f32x4.splat(5);
  let s6 = f32x4.splat(6);
  let s7 = f32x4.splat(7);
  let s8 = f32x4.splat(8);
  let s9 = f32x4.splat(9);
  let s10 = f32x4.splat(10);
  let s11 = f32x4.splat(11);
  for (let i = 0; i < rounds; i++) {
    s0 = madd(s0, a, b);
    s1 = madd(s1, a, b);
    s2 = madd(s2, a, b);
    s3 = madd(s3, a, b);
    s4 = madd(s4, a, b);
    s5 = madd(s5, a, b);
    s6 = madd(s6, a, b);
    s7 = madd(s7, a, b);
    s8 = madd(s8, a, b);
    s9 = madd(s9, a, b);
    s10 = madd(s10, a, b);
    s11 = madd(s11, a, b);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  const high = f32x4.add(f32x4.add(f32x4.add(s6, s7), f32x4.add(s8, s9)), f32x4.add(s10, s11));
  return f32x4.extract_lane(f32x4.add(low, high), 0);
}

/** y = 2^(x·rate), rate < 0, as the scan computes its decays. */
export function exponentials(count: i32, x: usize, rate: f32, y: usize): void {
  const rates = f32x4.splat(rate);
  const limit = f32x4.div(f32x4.splat(-125.9), rates);
  const rounder = exp2Constant(1);
  const c5 = exp2Constant(2);
  const c4 = exp2Constant(3);
  const c3 = exp2Constant(4);
  const c2 = exp2Constant(5);
  const c1 = exp2Constant(6);
  const c0 = exp2Constant(7);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, exp2Product(v128.load(x + at), rates, limit, rounder, c5, c4, c3, c2, c1, c0));
  }
}

/** Reads every byte once. */
export function readBytes(bytes: i32, x: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (let i = 0; i < bytes; i += 64) {
    s0 = f32x4.add(s0, v128.load(x + i));
    s1 = f32x4.add(s1, v128.load(x + i, 16));
    s2 = f32x4.add(s2, v128.load(x + i, 32));
    s3 = f32x4.add(s3, v128.load(x + i, 48));
  }
  return f32x4.extract_lane(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), 0);
}
