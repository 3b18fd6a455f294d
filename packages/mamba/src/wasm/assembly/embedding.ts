import { addScaled, clearFloats } from './math';

/** `codes` are float32 holding whole numbers; `positions` are int32. */
export function embeddingForward(
  rows: i32,
  features: i32,
  width: i32,
  tokens: i32,
  codes: usize,
  table: usize,
  positions: usize,
  y: usize,
): void {
  const row = (<usize>width) << 2;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < features; k++) {
      const code = <i32>load<f32>(codes + ((<usize>(r * features + k)) << 2));
      const to = y + <usize>(r * tokens + load<i32>(positions + ((<usize>k) << 2))) * row;
      memory.copy(to, table + <usize>code * row, row);
    }
  }
}

export function embeddingBackward(
  rows: i32,
  features: i32,
  width: i32,
  tokens: i32,
  entries: i32,
  codes: usize,
  positions: usize,
  dy: usize,
  dtable: usize,
  accumulate: bool,
): void {
  const row = (<usize>width) << 2;
  if (!accumulate) clearFloats(dtable, entries * width);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < features; k++) {
      const code = <i32>load<f32>(codes + ((<usize>(r * features + k)) << 2));
      const from = dy + <usize>(r * tokens + load<i32>(positions + ((<usize>k) << 2))) * row;
      addScaled(dtable + <usize>code * row, from, 1, width);
    }
  }
}
