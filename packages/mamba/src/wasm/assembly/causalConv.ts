// Four taps, four channels at a time; narrower convolutions come with their first taps zero.
import { loadLanes, madd, putLanes, sigmoid, siluSlope, splat, storeLanes } from './math';

const TAPS = 4;

/** Tap k of four channels, from weights laid out (channels, width). */
export function loadTap(weight: usize, width: i32, channel: i32, count: i32, k: i32): v128 {
  const tap = k - (TAPS - width);
  let lanes = splat(0);
  if (tap < 0) return lanes;
  const at = weight + ((<usize>(channel * width + tap)) << 2);
  const step = <usize>width << 2;
  lanes = f32x4.replace_lane(lanes, 0, load<f32>(at));
  if (count > 1) lanes = f32x4.replace_lane(lanes, 1, load<f32>(at + step));
  if (count > 2) lanes = f32x4.replace_lane(lanes, 2, load<f32>(at + 2 * step));
  if (count > 3) lanes = f32x4.replace_lane(lanes, 3, load<f32>(at + 3 * step));
  return lanes;
}

function addTap(dweight: usize, width: i32, channel: i32, count: i32, k: i32, sum: v128, accumulate: bool): void {
  const tap = k - (TAPS - width);
  if (tap < 0) return;
  const at = dweight + ((<usize>(channel * width + tap)) << 2);
  const step = <usize>width << 2;
  putLane(at, f32x4.extract_lane(sum, 0), accumulate);
  if (count > 1) putLane(at + step, f32x4.extract_lane(sum, 1), accumulate);
  if (count > 2) putLane(at + 2 * step, f32x4.extract_lane(sum, 2), accumulate);
  if (count > 3) putLane(at + 3 * step, f32x4.extract_lane(sum, 3), accumulate);
}

@inline
function putLane(address: usize, x: f32, accumulate: bool): void {
  store<f32>(address, accumulate ? load<f32>(address) + x : x);
}

/** Sequences of one position meet the last tap alone. */
function singlesForward(batch: i32, n: i32, x: usize, xRow: usize, w3: v128, offset: v128, y: usize, yRow: usize): void {
  for (let b = 0; b < batch; b++) {
    const sum = madd(w3, loadLanes(x, n), offset);
    storeLanes(y, f32x4.mul(sum, sigmoid(sum)), n);
    x += xRow;
    y += yRow;
  }
}

export function causalConvForward(
  batch: i32,
  length: i32,
  channels: i32,
  width: i32,
  x: usize,
  xRow: usize,
  weight: usize,
  bias: usize,
  y: usize,
): void {
  const yRow = <usize>channels << 2;
  for (let c = 0; c < channels; c += 4) {
    const n = channels - c;
    const w0 = loadTap(weight, width, c, n, 0);
    const w1 = loadTap(weight, width, c, n, 1);
    const w2 = loadTap(weight, width, c, n, 2);
    const w3 = loadTap(weight, width, c, n, 3);
    const offset = loadLanes(bias + (<usize>c << 2), n);
    let from = x + (<usize>c << 2);
    let to = y + (<usize>c << 2);
    if (length == 1) {
      singlesForward(batch, n, from, xRow, w3, offset, to, yRow);
      continue;
    }
    for (let b = 0; b < batch; b++) {
      let x0 = splat(0);
      let x1 = splat(0);
      let x2 = splat(0);
      for (let t = 0; t < length; t++) {
        const x3 = loadLanes(from, n);
        const sum = madd(w3, x3, madd(w2, x2, madd(w1, x1, madd(w0, x0, offset))));
        storeLanes(to, f32x4.mul(sum, sigmoid(sum)), n);
        x0 = x1;
        x1 = x2;
        x2 = x3;
        from += xRow;
        to += yRow;
      }
    }
  }
}

export function causalConvBackward(
  batch: i32,
  length: i32,
  channels: i32,
  width: i32,
  x: usize,
  xRow: usize,
  weight: usize,
  bias: usize,
  dy: usize,
  dx: usize,
  dxRow: usize,
  accumulateDx: bool,
  dweight: usize,
  accumulateDweight: bool,
  dbias: usize,
  accumulateDbias: bool,
): void {
  const dyRow = <usize>channels << 2;
  for (let c = 0; c < channels; c += 4) {
    const n = channels - c;
    const w0 = loadTap(weight, width, c, n, 0);
    const w1 = loadTap(weight, width, c, n, 1);
    const w2 = loadTap(weight, width, c, n, 2);
    const w3 = loadTap(weight, width, c, n, 3);
    const offset = loadLanes(bias + (<usize>c << 2), n);
    let dw0 = splat(0);
    let dw1 = splat(0);
    let dw2 = splat(0);
    let dw3 = splat(0);
    let db = splat(0);
    if (length == 1) {
      const column = <usize>c << 2;
      for (let b: usize = 0; b < <usize>batch; b++) {
        const x3 = loadLanes(x + b * xRow + column, n);
        const sum = madd(w3, x3, offset);
        const d0 = f32x4.mul(loadLanes(dy + b * dyRow + column, n), siluSlope(sum, sigmoid(sum)));
        db = f32x4.add(db, d0);
        dw3 = madd(d0, x3, dw3);
        putLanes(dx + b * dxRow + column, f32x4.mul(w3, d0), n, accumulateDx);
      }
    } else for (let b = 0; b < batch; b++) {
      // Backwards in time, so that the three later derivatives that reach a position are at hand.
      let d1 = splat(0);
      let d2 = splat(0);
      let d3 = splat(0);
      const first = <usize>(b * length);
      const column = <usize>c << 2;
      const start = x + first * xRow + column;
      let x3 = loadLanes(start + <usize>(length - 1) * xRow, n);
      let x2 = length > 1 ? loadLanes(start + <usize>(length - 2) * xRow, n) : splat(0);
      let x1 = length > 2 ? loadLanes(start + <usize>(length - 3) * xRow, n) : splat(0);
      for (let t = length - 1; t >= 0; t--) {
        const x0 = t > 2 ? loadLanes(start + <usize>(t - 3) * xRow, n) : splat(0);
        const sum = madd(w3, x3, madd(w2, x2, madd(w1, x1, madd(w0, x0, offset))));
        const sigma = sigmoid(sum);
        const slope = siluSlope(sum, sigma);
        const d0 = f32x4.mul(loadLanes(dy + (first + t) * dyRow + column, n), slope);
        db = f32x4.add(db, d0);
        dw3 = madd(d0, x3, dw3);
        dw2 = madd(d0, x2, dw2);
        dw1 = madd(d0, x1, dw1);
        dw0 = madd(d0, x0, dw0);
        const value = madd(w0, d3, madd(w1, d2, madd(w2, d1, f32x4.mul(w3, d0))));
        putLanes(dx + (first + t) * dxRow + column, value, n, accumulateDx);
        d3 = d2;
        d2 = d1;
        d1 = d0;
        x3 = x2;
        x2 = x1;
        x1 = x0;
      }
    }
    addTap(dweight, width, c, n, 0, dw0, accumulateDweight);
    addTap(dweight, width, c, n, 1, dw1, accumulateDweight);
    addTap(dweight, width, c, n, 2, dw2, accumulateDweight);
    addTap(dweight, width, c, n, 3, dw3, accumulateDweight);
    putLanes(dbias + (<usize>c << 2), db, n, accumulateDbias);
  }
}
