import { loadLanes, putLanes, splat, storeLanes } from './math';

export function reluForward(count: i32, x: usize, y: usize): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    storeLanes(y + at, f32x4.max(loadLanes(x + at, count - i), splat(0)), count - i);
  }
}

export function reluBackward(count: i32, y: usize, dy: usize, dx: usize, accumulate: bool): void {
  for (let i = 0; i < count; i += 4) {
    const at = (<usize>i) << 2;
    const open = f32x4.gt(loadLanes(y + at, count - i), splat(0));
    putLanes(dx + at, v128.and(loadLanes(dy + at, count - i), open), count - i, accumulate);
  }
}
