// Losses are worked out in float64: a shard has few rows, and the sum is what people compare.

@inline
function loadDouble(base: usize, i: i32): f64 {
  return <f64>load<f32>(base + ((<usize>i) << 2));
}

@inline
function put(base: usize, i: i32, value: f32, accumulate: bool): void {
  const at = base + ((<usize>i) << 2);
  store<f32>(at, accumulate ? load<f32>(at) + value : value);
}

export function meanSquaredErrorForward(rows: i32, batchRows: i32, prediction: usize, target: usize): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const error = loadDouble(prediction, r) - loadDouble(target, r);
    sum += error * error;
  }
  return sum / <f64>batchRows;
}

export function meanSquaredErrorBackward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
): void {
  const factor: f32 = 2 / <f32>batchRows;
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    put(dprediction, r, (load<f32>(prediction + at) - load<f32>(target + at)) * factor, accumulate);
  }
}

export function huberForward(rows: i32, batchRows: i32, prediction: usize, target: usize, delta: f64): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const error = abs(loadDouble(prediction, r) - loadDouble(target, r));
    sum += error <= delta ? 0.5 * error * error : delta * (error - 0.5 * delta);
  }
  return sum / <f64>batchRows;
}

export function huberBackward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
  delta: f32,
): void {
  const factor: f32 = 1 / <f32>batchRows;
  for (let r = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    const error = load<f32>(prediction + at) - load<f32>(target + at);
    put(dprediction, r, max<f32>(-delta, min<f32>(delta, error)) * factor, accumulate);
  }
}

/** ln 2π */
const LOG_TWO_PI: f64 = 1.8378770664093453;

/** Predictions are pairs of a mean and a log-variance. */
export function gaussianForward(rows: i32, batchRows: i32, prediction: usize, target: usize): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const error = loadDouble(prediction, 2 * r) - loadDouble(target, r);
    const logVariance = loadDouble(prediction, 2 * r + 1);
    sum += 0.5 * (LOG_TWO_PI + logVariance + error * error * Math.exp(-logVariance));
  }
  return sum / <f64>batchRows;
}

export function gaussianBackward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
): void {
  for (let r = 0; r < rows; r++) {
    const error = loadDouble(prediction, 2 * r) - loadDouble(target, r);
    const precision = Math.exp(-loadDouble(prediction, 2 * r + 1));
    put(dprediction, 2 * r, <f32>((error * precision) / <f64>batchRows), accumulate);
    put(dprediction, 2 * r + 1, <f32>((0.5 * (1 - error * error * precision)) / <f64>batchRows), accumulate);
  }
}

/** `levels` are float64. */
export function quantilesForward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  columns: i32,
  levels: usize,
): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const actual = loadDouble(target, r);
    for (let c = 0; c < columns; c++) {
      const level = load<f64>(levels + ((<usize>c) << 3));
      const e = actual - loadDouble(prediction, r * columns + c);
      sum += e > 0 ? level * e : (level - 1) * e;
    }
  }
  return sum / (<f64>columns * <f64>batchRows);
}

export function quantilesBackward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
  columns: i32,
  levels: usize,
): void {
  const share = <f64>columns * <f64>batchRows;
  for (let r = 0; r < rows; r++) {
    const actual = loadDouble(target, r);
    for (let c = 0; c < columns; c++) {
      const level = load<f64>(levels + ((<usize>c) << 3));
      const e = actual - loadDouble(prediction, r * columns + c);
      // Neither positive nor negative: 0, and NaN.
      const slope = e > 0 ? -level : e < 0 ? 1 - level : e;
      put(dprediction, r * columns + c, <f32>(slope / share), accumulate);
    }
  }
}

/** ln Σ exp of a row of logits, by the largest of them, so that nothing overflows. */
function logSumExp(logits: usize, classes: i32): f64 {
  let largest = load<f32>(logits);
  for (let c = 1; c < classes; c++) largest = max<f32>(largest, load<f32>(logits + ((<usize>c) << 2)));
  let sum: f64 = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(loadDouble(logits, c) - <f64>largest);
  return <f64>largest + Math.log(sum);
}

/** Targets are whole numbers; rows of a negative one are left out. */
export function crossEntropyForward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  classes: i32,
): f64 {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const chosen = <i32>load<f32>(target + ((<usize>r) << 2));
    if (chosen < 0) continue;
    const logits = prediction + ((<usize>(r * classes)) << 2);
    sum += logSumExp(logits, classes) - loadDouble(logits, chosen);
  }
  return sum / <f64>batchRows;
}

export function crossEntropyBackward(
  rows: i32,
  batchRows: i32,
  prediction: usize,
  target: usize,
  dprediction: usize,
  accumulate: bool,
  classes: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const chosen = <i32>load<f32>(target + ((<usize>r) << 2));
    const at = (<usize>(r * classes)) << 2;
    const level = chosen < 0 ? 0 : logSumExp(prediction + at, classes);
    for (let c = 0; c < classes; c++) {
      const share = chosen < 0 ? 0 : Math.exp(loadDouble(prediction + at, c) - level) - (c == chosen ? 1 : 0);
      put(dprediction + at, c, <f32>(share / <f64>batchRows), accumulate);
    }
  }
}
