import { loadLanes, putLanes, splat, storeLanes } from './math';

/** Places of `first` and `last` in the host's list; anything else is the mean. */
@inline const FIRST: i32 = 1;
@inline const LAST: i32 = 2;

/** Positions of sequence b; `lengths` are float32 holding whole numbers, or 0 where all have the same. */
@inline
export function validLength(lengths: usize, b: i32, length: i32): i32 {
  return lengths ? <i32>load<f32>(lengths + ((<usize>b) << 2)) : length;
}

export function poolForward(
  batch: i32,
  length: i32,
  width: i32,
  pooling: i32,
  x: usize,
  lengths: usize,
  y: usize,
): void {
  const row = (<usize>width) << 2;
  for (let b = 0; b < batch; b++) {
    const valid = validLength(lengths, b, length);
    const first = pooling == LAST ? valid - 1 : 0;
    const end = pooling == FIRST ? 1 : valid;
    const share = splat(1 / <f32>(end - first));
    for (let c = 0; c < width; c += 4) {
      let from = x + <usize>(b * length + first) * row + ((<usize>c) << 2);
      let sum = splat(0);
      for (let t = first; t < end; t++) {
        sum = f32x4.add(sum, loadLanes(from, width - c));
        from += row;
      }
      storeLanes(y + <usize>b * row + ((<usize>c) << 2), f32x4.mul(sum, share), width - c);
    }
  }
}

export function poolBackward(
  batch: i32,
  length: i32,
  width: i32,
  pooling: i32,
  dy: usize,
  lengths: usize,
  dx: usize,
  accumulate: bool,
): void {
  const row = (<usize>width) << 2;
  for (let b = 0; b < batch; b++) {
    const valid = validLength(lengths, b, length);
    const first = pooling == LAST ? valid - 1 : 0;
    const end = pooling == FIRST ? 1 : valid;
    const share = splat(1 / <f32>(end - first));
    const start = dx + <usize>(b * length) * row;
    if (!accumulate) {
      memory.fill(start, 0, <usize>first * row);
      memory.fill(start + <usize>end * row, 0, <usize>(length - end) * row);
    }
    for (let c = 0; c < width; c += 4) {
      const value = f32x4.mul(loadLanes(dy + <usize>b * row + ((<usize>c) << 2), width - c), share);
      let to = start + <usize>first * row + ((<usize>c) << 2);
      for (let t = first; t < end; t++) {
        putLanes(to, value, width - c, accumulate);
        to += row;
      }
    }
  }
}
