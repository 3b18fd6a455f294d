// Philox 4x32-10, as in random.ts: the mask depends on the key and the element alone.

/** Uniform 32 bits for one element: counter (element / 4, step, site, 1), lane element mod 4. */
@inline
export function bitsOf(element: u32, step: u32, site: u32, seedLow: u32, seedHigh: u32): u32 {
  let c0 = element >> 2;
  let c1 = step;
  let c2 = site;
  let c3: u32 = 1;
  let k0 = seedLow;
  let k1 = seedHigh;
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>0xd2511f53 * <u64>c0;
    const product1 = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  const lane = element & 3;
  if (lane == 0) return c0;
  if (lane == 1) return c1;
  return lane == 2 ? c2 : c3;
}

/** `y = x · mask`, added to y or replacing it; the derivative is the same map. Dropped where bits < threshold. */
export function dropoutApply(
  count: i32,
  threshold: u32,
  factor: f32,
  seedLow: u32,
  seedHigh: u32,
  site: u32,
  step: u32,
  firstElement: u32,
  x: usize,
  y: usize,
  accumulate: bool,
): void {
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2;
    const keep = bitsOf(firstElement + i, step, site, seedLow, seedHigh) >= threshold;
    const value: f32 = keep ? load<f32>(x + at) * factor : 0;
    store<f32>(y + at, accumulate ? load<f32>(y + at) + value : value);
  }
}
