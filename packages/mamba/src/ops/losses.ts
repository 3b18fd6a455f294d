import { SettingError, ShapeError } from '../errors.ts';
import type { StepContext, Tape } from '../tape.ts';
import {
  columnsOf,
  type Definition,
  expectContiguous,
  expectShape,
  type Floats,
  type Gradient,
  type HostTensor,
  holdOnHost,
  type Tensor,
} from '../tensor.ts';

/**
 * What training minimises.
 *
 * - `meanSquaredError`: of predictions (rows, 1).
 * - `huber`: quadratic up to an error of `delta`, linear beyond it (Huber 1964); predictions (rows, 1).
 * - `gaussian`: negative log-likelihood, in nats; predictions (rows, 2) are a mean and the logarithm of a variance
 *   (Nix & Weigend 1994). The variance is not bounded from below: on targets that can be met exactly it runs away.
 * - `quantiles`: pinball loss, the mean over the levels (Koenker & Bassett 1978); predictions (rows, levels).
 * - `crossEntropy`: negative log-likelihood of a class, in nats; predictions (rows, classes) are logits, targets whole
 *   numbers 0 … classes − 1 (expectTargets). A negative target leaves its row out.
 *
 * A name alone means its defaults.
 */
export type Loss =
  | LossName
  | { readonly kind: 'huber'; readonly delta: number }
  | { readonly kind: 'gaussian' }
  | { readonly kind: 'quantiles'; readonly levels: readonly number[] }
  | { readonly kind: 'crossEntropy'; readonly classes: number };

/** The losses of one prediction a row that a name alone describes; Huber's δ is then 1. */
export type LossName = 'meanSquaredError' | 'huber';

/** What a loss is averaged over. */
export type LossContext = Pick<StepContext, 'batchRows'>;

/**
 * A loss is summed over the shard's rows and divided by those of the whole batch (countAnswers), so that shards add up.
 * `settings` are what the loss is parametrised by: Huber's δ, the quantiles' levels, the number of classes, else nothing.
 */
export interface LossKernels {
  /** Puts the loss into `loss[0]`. */
  forward(prediction: Tensor, target: Tensor, settings: readonly number[], context: LossContext, loss: Tensor): void;
  backward(
    prediction: Tensor,
    target: Tensor,
    settings: readonly number[],
    context: LossContext,
    dprediction: Gradient,
  ): void;
}

/** One row's loss, and its derivatives by the row's predictions, of which `at` is the place of the first. */
interface RowLoss {
  value(prediction: Floats, at: number, target: number, settings: readonly number[]): number;
  slope(prediction: Floats, at: number, column: number, target: number, settings: readonly number[]): number;
}

function defineLoss({ value, slope }: RowLoss): Definition<LossKernels> {
  return {
    forward(prediction, target, settings, { batchRows }, loss) {
      const columns = columnsOf(prediction);
      let sum = 0;
      for (let r = 0; r < target.data.length; r++) {
        sum += value(prediction.data, r * columns, target.data[r], settings);
      }
      loss.data[0] = sum / batchRows;
    },
    backward(prediction, target, settings, { batchRows }, dprediction) {
      const columns = columnsOf(prediction);
      for (let r = 0; r < target.data.length; r++) {
        for (let c = 0; c < columns; c++) {
          const at = r * columns + c;
          const held = dprediction.accumulate ? dprediction.data[at] : 0;
          dprediction.data[at] = held + slope(prediction.data, r * columns, c, target.data[r], settings) / batchRows;
        }
      }
    },
  };
}

/** Float64 definition: the mean of `error²`. */
export const meanSquaredErrorDefinition = defineLoss({
  value(prediction, at, target) {
    const error = prediction[at] - target;
    return error * error;
  },
  slope: (prediction, at, _column, target) => 2 * (prediction[at] - target),
});

/** Float64 definition: the mean of `error²/2` where |error| ≤ δ, else `δ·(|error| − δ/2)`. */
export const huberDefinition = defineLoss({
  value(prediction, at, target, [delta]) {
    const error = Math.abs(prediction[at] - target);
    return error <= delta ? 0.5 * error * error : delta * (error - 0.5 * delta);
  },
  slope: (prediction, at, _column, target, [delta]) => Math.max(-delta, Math.min(delta, prediction[at] - target)),
});

/** Float64 definition: the mean of `(ln 2π + s + error²·exp(−s)) / 2`, s the logarithm of the variance. */
export const gaussianDefinition = defineLoss({
  value(prediction, at, target) {
    const error = prediction[at] - target;
    const logVariance = prediction[at + 1];
    return 0.5 * (Math.log(2 * Math.PI) + logVariance + error * error * Math.exp(-logVariance));
  },
  slope(prediction, at, column, target) {
    const error = prediction[at] - target;
    const precision = Math.exp(-prediction[at + 1]);
    return column === 0 ? error * precision : 0.5 * (1 - error * error * precision);
  },
});

/**
 * Float64 definition: the mean over rows and levels q of `q·e` where e = target − prediction is positive, else
 * `(q − 1)·e`. Where e = 0 the slope is 0, which lies between the slopes at either side.
 */
export const quantilesDefinition = defineLoss({
  value(prediction, at, target, levels) {
    let sum = 0;
    for (let c = 0; c < levels.length; c++) {
      const e = target - prediction[at + c];
      sum += e > 0 ? levels[c] * e : (levels[c] - 1) * e;
    }
    return sum / levels.length;
  },
  slope(prediction, at, column, target, levels) {
    const e = target - prediction[at + column];
    // What is neither positive nor negative is its own slope: 0, and NaN.
    const slope = e > 0 ? -levels[column] : e < 0 ? 1 - levels[column] : e;
    return slope / levels.length;
  },
});

/** ln Σ exp(logit), by the largest of them, so that nothing overflows. */
function logSumExp(logits: Floats, at: number, classes: number): number {
  let largest = logits[at];
  for (let c = 1; c < classes; c++) largest = Math.max(largest, logits[at + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[at + c] - largest);
  return largest + Math.log(sum);
}

/** Float64 definition: the mean of `ln Σ exp(logits) − logit of the target`. */
export const crossEntropyDefinition = defineLoss({
  value: (logits, at, target, [classes]) => (target < 0 ? 0 : logSumExp(logits, at, classes) - logits[at + target]),
  slope(logits, at, column, target, [classes]) {
    if (target < 0) return 0;
    return Math.exp(logits[at + column] - logSumExp(logits, at, classes)) - (column === target ? 1 : 0);
  },
});

const definitions = {
  meanSquaredError: meanSquaredErrorDefinition,
  huber: huberDefinition,
  gaussian: gaussianDefinition,
  quantiles: quantilesDefinition,
  crossEntropy: crossEntropyDefinition,
} as const;

type LossKernelName = keyof typeof definitions;

interface ResolvedLoss {
  readonly kernel: LossKernelName;
  readonly settings: readonly number[];
  /** Predictions a row. */
  readonly columns: number;
}

function resolveLoss(loss: Loss): ResolvedLoss {
  if (loss === 'meanSquaredError') return { kernel: loss, settings: [], columns: 1 };
  if (loss === 'huber') return { kernel: loss, settings: [1], columns: 1 };
  if (loss.kind === 'gaussian') return { kernel: loss.kind, settings: [], columns: 2 };
  if (loss.kind === 'huber') {
    if (!(loss.delta > 0 && loss.delta < Infinity)) throw new SettingError('huber delta', 'be above 0', loss.delta);
    return { kernel: loss.kind, settings: [loss.delta], columns: 1 };
  }
  if (loss.kind === 'crossEntropy') {
    const { kind, classes } = loss;
    if (!(Number.isInteger(classes) && classes > 0))
      throw new SettingError('classes', 'be a whole number above 0', classes);
    return { kernel: kind, settings: [classes], columns: classes };
  }
  const { kind, levels } = loss;
  if (levels.length === 0) throw new SettingError('quantiles levels', 'be at least one', 'none');
  for (const level of levels) {
    if (!(level > 0 && level < 1)) throw new SettingError('quantiles levels', 'be between 0 and 1', level);
  }
  return { kernel: kind, settings: levels, columns: levels.length };
}

/** Numbers that a model has to predict for a row: 1, a mean and a log-variance, a quantile a level, or a logit a class. */
export function predictionColumns(loss: Loss): number {
  return resolveLoss(loss).columns;
}

/** Throws ShapeError unless the loss is defined for every target: classes for crossEntropy, else finite numbers. */
export function expectTargets(where: string, loss: Loss, targets: Float32Array): void {
  const { kernel, settings } = resolveLoss(loss);
  const [classes] = settings;
  const isClass = (value: number) => Number.isInteger(value) && value < classes;
  const wrong = targets.find((value) => !(kernel === 'crossEntropy' ? isClass(value) : Number.isFinite(value)));
  if (wrong === undefined) return;
  const rule = kernel === 'crossEntropy' ? `whole numbers below ${classes}, negative for none` : 'finite numbers';
  throw new ShapeError(where, rule, `${wrong}`);
}

/** How many targets of each row, of `width` targets, count: all that crossEntropy does not leave out. */
export function countAnswers(loss: Loss, targets: Float32Array, width: number): Uint32Array {
  const counts = new Uint32Array(targets.length / width);
  if (resolveLoss(loss).kernel !== 'crossEntropy') return counts.fill(width);
  for (let i = 0; i < targets.length; i++) if (targets[i] >= 0) counts[Math.floor(i / width)]++;
  return counts;
}

function asColumns(data: Floats, columns: number): HostTensor {
  return holdOnHost(data, [data.length / columns, columns]);
}

/** A loss as it is defined, in float64: the mean over the targets that count, from predictionColumns(loss) numbers each. */
export function measureLoss(loss: Loss, predictions: Float32Array, targets: Float32Array): number {
  const { kernel, settings, columns } = resolveLoss(loss);
  const [answers] = countAnswers(loss, targets, targets.length);
  const result = asColumns(new Float64Array(1), 1);
  definitions[kernel].forward(
    asColumns(predictions, columns),
    asColumns(targets, 1),
    settings,
    { batchRows: answers },
    result,
  );
  return result.data[0];
}

/**
 * Records a loss of predictions (rows, predictionColumns(loss)) against targets (rows, 1) and returns it, shape (1). It
 * must be recorded last: the backward pass begins there. Throws: ShapeError; SettingError on settings out of range.
 */
export function recordLoss(
  tape: Tape<{ readonly [Name in LossKernelName]: LossKernels }>,
  loss: Loss,
  prediction: Tensor,
  target: Tensor,
): Tensor {
  const { kernel: name, settings, columns } = resolveLoss(loss);
  const rows = target.shape[0];
  expectShape(`${name} target`, target, [rows, 1]);
  expectShape(`${name} prediction`, prediction, [rows, columns]);
  expectContiguous(name, prediction);
  const kernel = tape.backend.kernels[name];
  const result = tape.backend.arena.allocate([1]);
  tape.record({
    inputs: [prediction],
    forward: () => kernel.forward(prediction, target, settings, tape.context, result),
    backward: ([dprediction]) => kernel.backward(prediction, target, settings, tape.context, dprediction as Gradient),
  });
  return result;
}
