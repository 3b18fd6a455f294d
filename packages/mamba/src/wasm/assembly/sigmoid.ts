import { loadLanes, putLanes, sigmoid, splat, storeLanes } from './math';

export function sigmoidForward(count: i32, scale: f32, x: usize, y: usize): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    storeLanes(y + at, f32x4.mul(splat(scale), sigmoid(loadLanes(x + at, count - i))), count - i);
  }
}

export function sigmoidBackward(count: i32, scale: f32, y: usize, dy: usize, dx: usize, accumulate: bool): void {
  const share = splat(1 / scale);
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    const value = loadLanes(y + at, count - i);
    const slope = f32x4.mul(value, f32x4.sub(splat(1), f32x4.mul(value, share)));
    putLanes(dx + at, f32x4.mul(loadLanes(dy + at, count - i), slope), count - i, accumulate);
  }
}
