import { hashText } from '../random.ts';

/** Uniform multiples of 2⁻²³ in [−1, 1), exact in float32; a pure function of (seed, index), both unsigned 32-bit. */
export function goldenValue(seed: number, index: number): number {
  let x = Math.imul(seed, 0x9e3779b9) + Math.imul(index, 0x85ebca6b);
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return (x >>> 8) / 0x800000 - 1;
}

/**
 * The inputs and weights of the golden files, which hold only results: scale · value + shift, rounded to float32 after the
 * product and after the sum. Row-major. The same numbers, bit for bit, as `golden_tensor` in scripts/golden/inputs.py.
 *
 * `name` is `<case>/<tensor>`, in ASCII: `block L=13 I=26 N=16/in_proj.weight`.
 */
export function goldenTensor(name: string, shape: readonly number[], scale = 1, shift = 0): Float32Array {
  const seed = hashText(name);
  const slope = Math.fround(scale);
  const offset = Math.fround(shift);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return Float32Array.from({ length: size }, (_, i) => Math.fround(slope * goldenValue(seed, i)) + offset);
}
