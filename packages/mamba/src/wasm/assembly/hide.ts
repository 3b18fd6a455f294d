import { bitsOf } from './dropout';

/** `substitutes` are a float32 for each column. */
export function hideForward(
  count: i32,
  columns: i32,
  threshold: u32,
  seedLow: u32,
  seedHigh: u32,
  site: u32,
  step: u32,
  firstElement: u32,
  x: usize,
  substitutes: usize,
  y: usize,
): void {
  let column = 0;
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2;
    const keep = bitsOf(firstElement + i, step, site, seedLow, seedHigh) >= threshold;
    store<f32>(y + at, keep ? load<f32>(x + at) : load<f32>(substitutes + (<usize>column << 2)));
    if (++column == columns) column = 0;
  }
}
