import type { LossKernels } from '../ops/losses.ts';
import { type HostTensor, sizeOf } from '../tensor.ts';
import { type Kernel, place, type WasmExports } from './operands.ts';

/** The loss kernels of one instance; `scratchDoubles` is scratch memory as float64. */
export function bindLosses(wasm: WasmExports, scratch: number, scratchDoubles: Float64Array) {
  /** `pass` turns the settings into what the kernels take last. */
  function bindLoss(forward: Kernel, backward: Kernel, pass: (settings: readonly number[]) => number[]): LossKernels {
    return {
      forward(prediction, target, settings, { batchRows }, loss) {
        const inputs = [sizeOf(target.shape), batchRows, prediction.address, target.address];
        (loss as HostTensor).data[0] = forward(...inputs, ...pass(settings));
      },
      backward(prediction, target, settings, { batchRows }, dprediction) {
        const inputs = [sizeOf(target.shape), batchRows, prediction.address, target.address];
        backward(...inputs, ...place(dprediction), ...pass(settings));
      },
    };
  }

  function passLevels(levels: readonly number[]): number[] {
    scratchDoubles.set(levels);
    return [levels.length, scratch];
  }

  return {
    meanSquaredError: bindLoss(wasm.meanSquaredErrorForward, wasm.meanSquaredErrorBackward, () => []),
    huber: bindLoss(wasm.huberForward, wasm.huberBackward, ([delta]) => [delta]),
    gaussian: bindLoss(wasm.gaussianForward, wasm.gaussianBackward, () => []),
    crossEntropy: bindLoss(wasm.crossEntropyForward, wasm.crossEntropyBackward, ([classes]) => [classes]),
    quantiles: bindLoss(wasm.quantilesForward, wasm.quantilesBackward, passLevels),
  };
}
