import { addScaled, clearFloats } from './math';

@inline
function shareOf(x: f32, from: f32, to: f32): f32 {
  if (x >= to) return 1;
  return x <= from ? 0 : (x - from) / (to - from);
}

/** `positions` are int32. */
export function piecewiseLinearForward(
  rows: i32,
  features: i32,
  bins: i32,
  width: i32,
  tokens: i32,
  x: usize,
  edges: usize,
  weight: usize,
  bias: usize,
  mask: usize,
  positions: usize,
  y: usize,
): void {
  const row = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    for (let f = 0; f < features; f++) {
      const value = load<f32>(x + ((<usize>(r * features + f)) << 2));
      const to = y + <usize>(r * tokens + load<i32>(positions + (<usize>f << 2))) * row;
      const missing = isNaN<f32>(value);
      memory.copy(to, (missing ? mask : bias) + <usize>f * row, row);
      if (missing) continue;
      const edge = edges + ((<usize>(f * (bins + 1))) << 2);
      for (let j = 0; j < bins; j++) {
        const share = shareOf(value, load<f32>(edge + (<usize>j << 2)), load<f32>(edge + (<usize>j << 2), 4));
        if (share > 0) addScaled(to, weight + <usize>(f * bins + j) * row, share, width);
      }
    }
  }
}

export function piecewiseLinearBackward(
  rows: i32,
  features: i32,
  bins: i32,
  width: i32,
  tokens: i32,
  x: usize,
  edges: usize,
  positions: usize,
  dy: usize,
  dweight: usize,
  accumulateWeight: bool,
  dbias: usize,
  accumulateBias: bool,
  dmask: usize,
  accumulateMask: bool,
): void {
  const row = <usize>width << 2;
  if (!accumulateWeight) clearFloats(dweight, features * bins * width);
  if (!accumulateBias) clearFloats(dbias, features * width);
  if (!accumulateMask) clearFloats(dmask, features * width);
  for (let r = 0; r < rows; r++) {
    for (let f = 0; f < features; f++) {
      const value = load<f32>(x + ((<usize>(r * features + f)) << 2));
      const from = dy + <usize>(r * tokens + load<i32>(positions + (<usize>f << 2))) * row;
      const missing = isNaN<f32>(value);
      addScaled((missing ? dmask : dbias) + <usize>f * row, from, 1, width);
      if (missing) continue;
      const edge = edges + ((<usize>(f * (bins + 1))) << 2);
      for (let j = 0; j < bins; j++) {
        const share = shareOf(value, load<f32>(edge + (<usize>j << 2)), load<f32>(edge + (<usize>j << 2), 4));
        if (share > 0) addScaled(dweight + <usize>(f * bins + j) * row, from, share, width);
      }
    }
  }
}
