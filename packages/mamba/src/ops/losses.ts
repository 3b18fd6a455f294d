import type { Tape } from '../tape.ts';
import { expectContiguous, expectShape, type Gradient, type Tensor } from '../tensor.ts';

/** A loss is summed over the shard's rows and divided by the rows of the whole batch, so that shards add up. */
export interface LossKernels {
  /** Puts the loss into `loss[0]`. */
  forward(prediction: Tensor, target: Tensor, batchRows: number, loss: Tensor): void;
  backward(prediction: Tensor, target: Tensor, batchRows: number, dprediction: Gradient): void;
}

function defineLoss(value: (error: number) => number, slope: (error: number) => number): LossKernels {
  return {
    forward(prediction, target, batchRows, loss) {
      let sum = 0;
      for (let i = 0; i < target.data.length; i++) sum += value(prediction.data[i] - target.data[i]);
      loss.data[0] = sum / batchRows;
    },
    backward(prediction, target, batchRows, dprediction) {
      for (let i = 0; i < target.data.length; i++) {
        const held = dprediction.accumulate ? dprediction.data[i] : 0;
        dprediction.data[i] = held + slope(prediction.data[i] - target.data[i]) / batchRows;
      }
    },
  };
}

/** Float64 definition: the mean of `error²`. */
export const meanSquaredErrorDefinition = defineLoss(
  (error) => error * error,
  (error) => 2 * error,
);

/** Float64 definition: the mean of `error²/2` where |error| ≤ 1, else `|error| − 1/2` (Huber 1964, δ = 1). */
export const huberDefinition = defineLoss(
  (error) => (Math.abs(error) <= 1 ? 0.5 * error * error : Math.abs(error) - 0.5),
  (error) => Math.max(-1, Math.min(1, error)),
);

export type LossName = 'meanSquaredError' | 'huber';

/**
 * Records a loss of predictions (rows, 1) against targets (rows, 1) and returns it, shape (1). It must be recorded
 * last: the backward pass begins there. Throws: ShapeError.
 */
export function recordLoss(
  tape: Tape<{ readonly [Name in LossName]: LossKernels }>,
  name: LossName,
  prediction: Tensor,
  target: Tensor,
): Tensor {
  expectShape(`${name} target`, target, prediction.shape);
  expectContiguous(name, prediction);
  const kernel = tape.backend.kernels[name];
  const loss = tape.backend.arena.allocate([1]);
  tape.record({
    inputs: [prediction],
    forward: () => kernel.forward(prediction, target, tape.moment.batchRows, loss),
    backward: ([dprediction]) => kernel.backward(prediction, target, tape.moment.batchRows, dprediction as Gradient),
  });
  return loss;
}
