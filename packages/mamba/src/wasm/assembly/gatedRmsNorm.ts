import { clearFloats, loadLanes, madd, putLanes, sigmoid, siluSlope, splat, storeLanes, sumLanes } from './math';

export function gatedRmsNormForward(
  rows: i32,
  groups: i32,
  width: i32,
  epsilon: f32,
  y: usize,
  yRow: usize,
  z: usize,
  zRow: usize,
  weight: usize,
  out: usize,
  scale: usize,
): void {
  const groupBytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < groups; g++) {
      const column = <usize>g * groupBytes;
      const yAt = y + <usize>r * yRow + column;
      const zAt = z + <usize>r * zRow + column;
      const weightAt = weight + column;
      let squares = splat(0);
      for (let i = 0; i < width; i += 4) {
        const at = <usize>i << 2;
        const n = width - i;
        const gate = loadLanes(zAt + at, n);
        const v = f32x4.mul(loadLanes(yAt + at, n), f32x4.mul(gate, sigmoid(gate)));
        squares = madd(v, v, squares);
        storeLanes(out + at, v, n);
      }
      const s: f32 = 1 / sqrt<f32>(sumLanes(squares) / <f32>width + epsilon);
      store<f32>(scale, s);
      const factor = splat(s);
      for (let i = 0; i < width; i += 4) {
        const at = <usize>i << 2;
        const n = width - i;
        const scaled = f32x4.mul(loadLanes(out + at, n), factor);
        storeLanes(out + at, f32x4.mul(scaled, loadLanes(weightAt + at, n)), n);
      }
      out += groupBytes;
      scale += 4;
    }
  }
}

export function gatedRmsNormBackward(
  rows: i32,
  groups: i32,
  width: i32,
  y: usize,
  yRow: usize,
  z: usize,
  zRow: usize,
  weight: usize,
  out: usize,
  scale: usize,
  dout: usize,
  dy: usize,
  dyRow: usize,
  accumulateDy: bool,
  dz: usize,
  dzRow: usize,
  accumulateDz: bool,
  dweight: usize,
  accumulateDweight: bool,
): void {
  if (!accumulateDweight) clearFloats(dweight, groups * width);
  const groupBytes = <usize>width << 2;
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < groups; g++) {
      const column = <usize>g * groupBytes;
      const yAt = y + <usize>r * yRow + column;
      const zAt = z + <usize>r * zRow + column;
      const dyAt = dy + <usize>r * dyRow + column;
      const dzAt = dz + <usize>r * dzRow + column;
      const weightAt = weight + column;
      const dweightAt = dweight + column;
      let projection = splat(0);
      for (let i = 0; i < width; i += 4) {
        const at = <usize>i << 2;
        projection = madd(loadLanes(dout + at, width - i), loadLanes(out + at, width - i), projection);
      }
      const s = load<f32>(scale);
      const along = splat((sumLanes(projection) * s * s) / <f32>width);
      const factor = splat(s);
      for (let i = 0; i < width; i += 4) {
        const at = <usize>i << 2;
        const n = width - i;
        const yi = loadLanes(yAt + at, n);
        const gate = loadLanes(zAt + at, n);
        const sigma = sigmoid(gate);
        const silu = f32x4.mul(gate, sigma);
        const v = f32x4.mul(yi, silu);
        const scaled = f32x4.mul(loadLanes(dout + at, n), factor);
        const dv = f32x4.sub(f32x4.mul(scaled, loadLanes(weightAt + at, n)), f32x4.mul(v, along));
        putLanes(dweightAt + at, f32x4.mul(scaled, v), n, true);
        putLanes(dyAt + at, f32x4.mul(dv, silu), n, accumulateDy);
        putLanes(dzAt + at, f32x4.mul(f32x4.mul(dv, yi), siluSlope(gate, sigma)), n, accumulateDz);
      }
      out += groupBytes;
      dout += groupBytes;
      scale += 4;
    }
  }
}
