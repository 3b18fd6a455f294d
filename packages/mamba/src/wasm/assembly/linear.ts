// y = x·Wᵀ, dx = dy·W and dW = dyᵀ·x: one product, told apart by strides alone.
import { loadLanes, putLanes } from './math';
import { multiply } from './multiply';

/** Strides are in bytes; `bias` and `residual` may be 0. */
export function linearForward(
  rows: i32,
  inputs: i32,
  outputs: i32,
  x: usize,
  xRow: usize,
  weight: usize,
  bias: usize,
  residual: usize,
  residualRow: usize,
  y: usize,
  yRow: usize,
  scratch: usize,
): void {
  const weightRow = <usize>inputs << 2;
  multiply(rows, outputs, inputs, x, xRow, 4, weight, 4, weightRow, y, yRow, residual, residualRow, bias, scratch);
}

export function linearBackwardInput(
  rows: i32,
  inputs: i32,
  outputs: i32,
  weight: usize,
  dy: usize,
  dyRow: usize,
  dx: usize,
  dxRow: usize,
  accumulate: bool,
  scratch: usize,
): void {
  const weightRow = <usize>inputs << 2;
  multiply(rows, inputs, outputs, dy, dyRow, 4, weight, weightRow, 4, dx, dxRow, accumulate ? dx : 0, dxRow, 0, scratch);
}

export function linearBackwardWeight(
  rows: i32,
  inputs: i32,
  outputs: i32,
  x: usize,
  xRow: usize,
  dy: usize,
  dyRow: usize,
  dweight: usize,
  accumulate: bool,
  scratch: usize,
): void {
  const weightRow = <usize>inputs << 2;
  const base = accumulate ? dweight : 0;
  multiply(outputs, inputs, rows, dy, 4, dyRow, x, xRow, 4, dweight, weightRow, base, weightRow, 0, scratch);
}

/** Sums each column. */
export function linearBackwardBias(
  rows: i32,
  outputs: i32,
  dy: usize,
  dyRow: usize,
  dbias: usize,
  accumulate: bool,
): void {
  for (let o = 0; o < outputs; o += 4) {
    let sum = f32x4.splat(0);
    let from = dy + (<usize>o << 2);
    for (let r = 0; r < rows; r++) {
      sum = f32x4.add(sum, loadLanes(from, outputs - o));
      from += dyRow;
    }
    putLanes(dbias + (<usize>o << 2), sum, outputs - o, accumulate);
  }
}
