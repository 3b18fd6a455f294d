import { loadLanes, putLanes, splat, storeLanes } from './math';

export function meanPoolForward(batch: i32, length: i32, width: i32, x: usize, y: usize): void {
  const row = (<usize>width) << 2;
  const share = splat(1 / <f32>length);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < width; c += 4) {
      let from = x + <usize>(b * length) * row + ((<usize>c) << 2);
      let sum = splat(0);
      for (let t = 0; t < length; t++) {
        sum = f32x4.add(sum, loadLanes(from, width - c));
        from += row;
      }
      storeLanes(y + <usize>b * row + ((<usize>c) << 2), f32x4.mul(sum, share), width - c);
    }
  }
}

export function meanPoolBackward(batch: i32, length: i32, width: i32, dy: usize, dx: usize, accumulate: bool): void {
  const row = (<usize>width) << 2;
  const share = splat(1 / <f32>length);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < width; c += 4) {
      const value = f32x4.mul(loadLanes(dy + <usize>b * row + ((<usize>c) << 2), width - c), share);
      let to = dx + <usize>(b * length) * row + ((<usize>c) << 2);
      for (let t = 0; t < length; t++) {
        putLanes(to, value, width - c, accumulate);
        to += row;
      }
    }
  }
}
