import { clearFloats, loadLanes, madd, putLanes, splat, storeLanes, sumLanes } from './math';

export function rmsNormForward(
  rows: i32,
  width: i32,
  epsilon: f32,
  x: usize,
  xRow: usize,
  weight: usize,
  y: usize,
  scale: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const from = x + <usize>r * xRow;
    const to = y + ((<usize>r * width) << 2);
    let squares = splat(0);
    for (let i = 0; i < width; i += 4) {
      const v = loadLanes(from + ((<usize>i) << 2), width - i);
      squares = madd(v, v, squares);
    }
    const s: f32 = 1 / sqrt<f32>(sumLanes(squares) / <f32>width + epsilon);
    store<f32>(scale + ((<usize>r) << 2), s);
    const factor = splat(s);
    for (let i = 0; i < width; i += 4) {
      const at = (<usize>i) << 2;
      const v = f32x4.mul(loadLanes(from + at, width - i), factor);
      storeLanes(to + at, f32x4.mul(v, loadLanes(weight + at, width - i)), width - i);
    }
  }
}

export function rmsNormBackward(
  rows: i32,
  width: i32,
  x: usize,
  xRow: usize,
  weight: usize,
  scale: usize,
  dy: usize,
  dx: usize,
  dxRow: usize,
  accumulateDx: bool,
  dweight: usize,
  accumulateDweight: bool,
): void {
  if (!accumulateDweight) clearFloats(dweight, width);
  for (let r = 0; r < rows; r++) {
    const xAt = x + <usize>r * xRow;
    const dyAt = dy + ((<usize>r * width) << 2);
    const dxAt = dx + <usize>r * dxRow;
    const s = load<f32>(scale + ((<usize>r) << 2));
    const factor = splat(s);
    let projection = splat(0);
    for (let i = 0; i < width; i += 4) {
      const at = (<usize>i) << 2;
      const n = width - i;
      const xi = loadLanes(xAt + at, n);
      const dyi = loadLanes(dyAt + at, n);
      projection = madd(f32x4.mul(dyi, loadLanes(weight + at, n)), xi, projection);
      putLanes(dweight + at, f32x4.mul(f32x4.mul(dyi, xi), factor), n, true);
    }
    const along = splat((sumLanes(projection) * s * s * s) / <f32>width);
    for (let i = 0; i < width; i += 4) {
      const at = (<usize>i) << 2;
      const n = width - i;
      const straight = f32x4.mul(f32x4.mul(loadLanes(dyAt + at, n), loadLanes(weight + at, n)), factor);
      const value = f32x4.sub(straight, f32x4.mul(loadLanes(xAt + at, n), along));
      putLanes(dxAt + at, value, n, accumulateDx);
    }
  }
}
