import { addScaled, clearFloats, loadLanes, putLanes, storeLanes } from './math';

export function addToTokensForward(
  rows: i32,
  count: i32,
  width: i32,
  tokens: usize,
  summary: usize,
  y: usize,
): void {
  for (let r = 0; r < rows; r++) {
    for (let t = 0; t < count; t++) {
      const row = <usize>((r * count + t) * width) << 2;
      for (let c = 0; c < width; c += 4) {
        const at = row + (<usize>c << 2);
        const added = loadLanes(summary + (<usize>(r * width + c) << 2), width - c);
        storeLanes(y + at, f32x4.add(loadLanes(tokens + at, width - c), added), width - c);
      }
    }
  }
}

export function addToTokensBackwardTokens(size: i32, dy: usize, dtokens: usize, accumulate: bool): void {
  for (let i = 0; i < size; i += 4) {
    const at = <usize>i << 2;
    putLanes(dtokens + at, loadLanes(dy + at, size - i), size - i, accumulate);
  }
}

export function addToTokensBackwardSummary(
  rows: i32,
  count: i32,
  width: i32,
  dy: usize,
  dsummary: usize,
  accumulate: bool,
): void {
  if (!accumulate) clearFloats(dsummary, rows * width);
  for (let r = 0; r < rows; r++) {
    const to = dsummary + (<usize>(r * width) << 2);
    for (let t = 0; t < count; t++) addScaled(to, dy + (<usize>((r * count + t) * width) << 2), 1, width);
  }
}
