import { loadLanes, storeLanes } from './math';
import { validLength } from './pool';

/** Strides are in bytes; `lengths` and `base` may be 0. */
export function reverseSequenceApply(
  batch: i32,
  length: i32,
  width: i32,
  x: usize,
  xRow: usize,
  lengths: usize,
  base: usize,
  baseRow: usize,
  y: usize,
  yRow: usize,
): void {
  for (let b = 0; b < batch; b++) {
    const valid = validLength(lengths, b, length);
    for (let t = 0; t < length; t++) {
      const from = x + <usize>(b * length + (t < valid ? valid - 1 - t : t)) * xRow;
      const held = base + <usize>(b * length + t) * baseRow;
      const to = y + <usize>(b * length + t) * yRow;
      if (base) {
        for (let c = 0; c < width; c += 4) {
          const at = (<usize>c) << 2;
          const n = width - c;
          storeLanes(to + at, f32x4.add(loadLanes(held + at, n), loadLanes(from + at, n)), n);
        }
      } else {
        memory.copy(to, from, (<usize>width) << 2);
      }
    }
  }
}
