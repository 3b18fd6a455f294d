// Losses are summed in float64: a shard has few rows, and the sum is what people compare.

export function meanSquaredErrorForward(count: i32, batchRows: i32, prediction: usize, target: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const error = <f64>load<f32>(prediction + ((<usize>i) << 2)) - <f64>load<f32>(target + ((<usize>i) << 2));
    sum += error * error;
  }
  return sum / <f64>batchRows;
}

export function meanSquaredErrorBackward(
  count: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
): void {
  const factor: f32 = 2 / <f32>batchRows;
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const value = (load<f32>(prediction + at) - load<f32>(target + at)) * factor;
    store<f32>(dprediction + at, accumulate ? load<f32>(dprediction + at) + value : value);
  }
}

export function huberForward(count: i32, batchRows: i32, prediction: usize, target: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const error = abs(<f64>load<f32>(prediction + ((<usize>i) << 2)) - <f64>load<f32>(target + ((<usize>i) << 2)));
    sum += error <= 1 ? 0.5 * error * error : error - 0.5;
  }
  return sum / <f64>batchRows;
}

export function huberBackward(
  count: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
): void {
  const factor: f32 = 1 / <f32>batchRows;
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const error = load<f32>(prediction + at) - load<f32>(target + at);
    const value = max<f32>(-1, min<f32>(1, error)) * factor;
    store<f32>(dprediction + at, accumulate ? load<f32>(dprediction + at) + value : value);
  }
}
