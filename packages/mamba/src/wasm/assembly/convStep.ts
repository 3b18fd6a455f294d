// As causalConv, with the inputs before the first position at hand; the same arithmetic in the same order.
import { loadTap } from './causalConv';
import { loadLanes, madd, sigmoid, splat, storeLanes } from './math';

export function convStepForward(
  batch: i32,
  length: i32,
  channels: i32,
  width: i32,
  x: usize,
  xRow: usize,
  weight: usize,
  bias: usize,
  window: usize,
  y: usize,
): void {
  const row = <usize>channels << 2;
  const before = <usize>(width - 1) * row;
  for (let c = 0; c < channels; c += 4) {
    const n = channels - c;
    const w0 = loadTap(weight, width, c, n, 0);
    const w1 = loadTap(weight, width, c, n, 1);
    const w2 = loadTap(weight, width, c, n, 2);
    const w3 = loadTap(weight, width, c, n, 3);
    const offset = loadLanes(bias + (<usize>c << 2), n);
    let from = x + (<usize>c << 2);
    let to = y + (<usize>c << 2);
    for (let b = 0; b < batch; b++) {
      // Where the window ends, so that its last input is one row before.
      const end = window + <usize>(b + 1) * before + (<usize>c << 2);
      let x0 = width > 3 ? loadLanes(end - 3 * row, n) : splat(0);
      let x1 = width > 2 ? loadLanes(end - 2 * row, n) : splat(0);
      let x2 = width > 1 ? loadLanes(end - row, n) : splat(0);
      for (let t = 0; t < length; t++) {
        const x3 = loadLanes(from, n);
        const sum = madd(w3, x3, madd(w2, x2, madd(w1, x1, madd(w0, x0, offset))));
        storeLanes(to, f32x4.mul(sum, sigmoid(sum)), n);
        x0 = x1;
        x1 = x2;
        x2 = x3;
        from += xRow;
        to += row;
      }
      if (width > 3) storeLanes(end - 3 * row, x0, n);
      if (width > 2) storeLanes(end - 2 * row, x1, n);
      if (width > 1) storeLanes(end - row, x2, n);
    }
  }
}
