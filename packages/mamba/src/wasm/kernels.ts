import type { Kernels } from '../kernels.ts';
import { clippedScale } from '../ops/adamW.ts';
import { type DropoutKey, firstElementOf } from '../ops/dropout.ts';
import { gatherRowsDefinition } from '../ops/gatherRows.ts';
import { rmsNormEpsilon } from '../ops/rmsNorm.ts';
import type { StepContext } from '../tape.ts';
import { columnsOf, type HostTensor, rowsOf, sizeOf, type Tensor } from '../tensor.ts';
import { bindLosses } from './losses.ts';
import { place, rowBytes, strided, type WasmExports } from './operands.ts';
import { bindSequences } from './sequences.ts';
import { bindSsd } from './ssd.ts';

export type { WasmExports } from './operands.ts';

/** The kernels of one instance. `scratch` is memory of its own, `scratchWords` the same memory as integers. */
export function bindKernels(exports: WasmExports, scratch: number, scratchWords: Int32Array): Kernels {
  const wasm = exports;
  const scratchFloats = new Float32Array(scratchWords.buffer, scratch, scratchWords.length);

  /** Puts token positions where a kernel can read them. */
  function passPositions(positions: readonly number[]): number {
    scratchWords.set(positions);
    return scratch;
  }

  /** Puts a number for each column where a kernel can read it. */
  function passColumns(numbers: readonly number[]): number {
    scratchFloats.set(numbers);
    return scratch;
  }

  /** What places a tensor in the masks of a whole run. */
  function maskOf(x: Tensor, { seed, site }: DropoutKey, context: StepContext): number[] {
    return [seed | 0, Math.floor(seed / 0x100000000) | 0, site, context.step, firstElementOf(x, context)];
  }

  const thresholdOf = ({ rate }: DropoutKey): number => Math.floor(rate * 0x100000000) | 0;

  function applyDropout(x: Tensor, key: DropoutKey, context: StepContext, y: Tensor, accumulate: boolean): void {
    const scale = [thresholdOf(key), 1 / (1 - key.rate)];
    wasm.dropoutApply(sizeOf(x.shape), ...scale, ...maskOf(x, key, context), x.address, y.address, accumulate);
  }

  return {
    linear: {
      forward(x, weight, bias, residual, y) {
        const [outputs, inputs] = weight.shape;
        wasm.linearForward(
          rowsOf(x),
          inputs,
          outputs,
          x.address,
          rowBytes(x),
          weight.address,
          bias ? bias.address : 0,
          residual ? residual.address : 0,
          residual ? rowBytes(residual) : 0,
          y.address,
          rowBytes(y),
          scratch,
        );
      },
      backward(x, weight, dy, dx, dweight, dbias) {
        const [outputs, inputs] = weight.shape;
        const rows = rowsOf(x);
        const from = [dy.address, rowBytes(dy)];
        if (dx) wasm.linearBackwardInput(rows, inputs, outputs, weight.address, ...from, ...strided(dx), scratch);
        if (dweight) {
          const input = [x.address, rowBytes(x)];
          wasm.linearBackwardWeight(rows, inputs, outputs, ...input, ...from, ...place(dweight), scratch);
        }
        if (dbias) wasm.linearBackwardBias(rows, outputs, ...from, ...place(dbias));
      },
    },

    rmsNorm: {
      forward(x, weight, y, scale) {
        const input = [x.address, rowBytes(x), weight.address];
        wasm.rmsNormForward(rowsOf(x), columnsOf(x), rmsNormEpsilon, ...input, y.address, scale.address);
      },
      backward(x, weight, scale, dy, dx, dweight) {
        const inputs = [x.address, rowBytes(x), weight.address, scale.address, dy.address];
        wasm.rmsNormBackward(rowsOf(x), columnsOf(x), ...inputs, ...strided(dx), ...place(dweight));
      },
    },

    gatedRmsNorm: {
      forward({ y, z, weight }, out, scale) {
        const [rows, groups] = scale.shape;
        const read = [y.address, rowBytes(y), z.address, rowBytes(z), weight.address];
        const width = columnsOf(y) / groups;
        wasm.gatedRmsNormForward(rows, groups, width, rmsNormEpsilon, ...read, out.address, scale.address);
      },
      backward({ y, z, weight }, out, scale, dout, gradients) {
        const [rows, groups] = scale.shape;
        const read = [y.address, rowBytes(y), z.address, rowBytes(z), weight.address];
        const known = [out.address, scale.address, dout.address];
        const written = [...strided(gradients.y), ...strided(gradients.z), ...place(gradients.weight)];
        wasm.gatedRmsNormBackward(rows, groups, columnsOf(y) / groups, ...read, ...known, ...written);
      },
    },

    causalConv: {
      forward(x, weight, bias, y) {
        const inputs = [x.address, rowBytes(x), weight.address, bias.address];
        wasm.causalConvForward(x.shape[0], x.shape[1], x.shape[2], columnsOf(weight), ...inputs, y.address);
      },
      backward(x, weight, bias, dy, dx, dweight, dbias) {
        const inputs = [x.address, rowBytes(x), weight.address, bias.address, dy.address];
        const outputs = [...strided(dx), ...place(dweight), ...place(dbias)];
        wasm.causalConvBackward(x.shape[0], x.shape[1], x.shape[2], columnsOf(weight), ...inputs, ...outputs);
      },
    },

    selectiveScan: {
      forward({ u, dt, dtBias, ALog, B, C, D, z }, y, states) {
        wasm.selectiveScanForward(
          u.shape[0],
          u.shape[1],
          u.shape[2],
          ALog.shape[1],
          u.address,
          rowBytes(u),
          dt.address,
          rowBytes(dt),
          dtBias.address,
          ALog.address,
          B.address,
          rowBytes(B),
          C.address,
          rowBytes(C),
          D.address,
          z.address,
          rowBytes(z),
          y.address,
          states.address,
          scratch,
        );
      },
      backward({ u, dt, dtBias, ALog, B, C, D, z }, states, dy, gradients) {
        wasm.selectiveScanBackward(
          u.shape[0],
          u.shape[1],
          u.shape[2],
          ALog.shape[1],
          u.address,
          rowBytes(u),
          dt.address,
          rowBytes(dt),
          dtBias.address,
          ALog.address,
          B.address,
          rowBytes(B),
          C.address,
          rowBytes(C),
          D.address,
          z.address,
          rowBytes(z),
          states.address,
          dy.address,
          ...strided(gradients.u),
          ...strided(gradients.dt),
          ...place(gradients.dtBias),
          ...place(gradients.ALog),
          ...strided(gradients.B),
          ...strided(gradients.C),
          ...place(gradients.D),
          ...strided(gradients.z),
          scratch,
        );
      },
    },

    piecewiseLinear: {
      forward({ x, edges, weight, bias, mask }, positions, y) {
        const inputs = [x.address, edges.address, weight.address, bias.address, mask.address];
        const [features, bins, width] = weight.shape;
        const at = passPositions(positions);
        wasm.piecewiseLinearForward(x.shape[0], features, bins, width, y.shape[1], ...inputs, at, y.address);
      },
      backward({ x, edges, weight }, positions, dy, gradients) {
        const inputs = [x.address, edges.address, passPositions(positions), dy.address];
        const outputs = [...place(gradients.weight), ...place(gradients.bias), ...place(gradients.mask)];
        const [features, bins, width] = weight.shape;
        wasm.piecewiseLinearBackward(x.shape[0], features, bins, width, dy.shape[1], ...inputs, ...outputs);
      },
    },

    embedding: {
      forward(codes, table, positions, y) {
        const [rows, features] = codes.shape;
        const inputs = [codes.address, table.address, passPositions(positions)];
        wasm.embeddingForward(rows, features, columnsOf(table), y.shape[1], ...inputs, y.address);
      },
      backward(codes, positions, dy, dtable) {
        const [rows, features] = codes.shape;
        const [entries, width] = dtable.shape;
        const inputs = [codes.address, passPositions(positions), dy.address];
        wasm.embeddingBackward(rows, features, width, dy.shape[1], entries, ...inputs, ...place(dtable));
      },
    },

    hide: {
      forward(x, substitutes, key, context, y) {
        const mask = [thresholdOf(key), ...maskOf(x, key, context)];
        const tensors = [x.address, passColumns(substitutes), y.address];
        wasm.hideForward(sizeOf(x.shape), substitutes.length, ...mask, ...tensors);
      },
    },

    offsetColumns: {
      forward(x, offsets, y) {
        wasm.offsetColumnsForward(x.shape[0], offsets.length, x.address, passColumns(offsets), y.address);
      },
    },

    addToTokens: {
      forward(tokens, summary, y) {
        const [rows, count, width] = tokens.shape;
        wasm.addToTokensForward(rows, count, width, tokens.address, summary.address, y.address);
      },
      backward(dy, dtokens, dsummary) {
        const [rows, count, width] = dy.shape;
        if (dtokens) wasm.addToTokensBackwardTokens(sizeOf(dy.shape), dy.address, ...place(dtokens));
        if (dsummary) wasm.addToTokensBackwardSummary(rows, count, width, dy.address, ...place(dsummary));
      },
    },

    ...bindSequences(wasm, scratch),

    ...bindSsd(wasm, scratch),

    relu: {
      forward(x, y) {
        wasm.reluForward(sizeOf(x.shape), x.address, y.address);
      },
      backward(y, dy, dx) {
        wasm.reluBackward(sizeOf(y.shape), y.address, dy.address, ...place(dx));
      },
    },

    sigmoid: {
      forward(x, scale, y) {
        wasm.sigmoidForward(sizeOf(x.shape), scale, x.address, y.address);
      },
      backward(y, scale, dy, dx) {
        wasm.sigmoidBackward(sizeOf(y.shape), scale, y.address, dy.address, ...place(dx));
      },
    },

    dropout: {
      forward(x, key, context, y) {
        applyDropout(x, key, context, y, false);
      },
      backward(dy, key, context, dx) {
        applyDropout(dy, key, context, dx, dx.accumulate);
      },
    },

    ...bindLosses(wasm, scratch, new Float64Array(scratchWords.buffer, scratch, scratchWords.length / 2)),

    // A batch has few numbers, and their source need not lie in this memory.
    gatherRows: gatherRowsDefinition,

    adamW: {
      update(weight, gradient, first, second, step) {
        const { learningRate, beta1, beta2 } = step;
        const tensors = [weight.address, gradient.address, first.address, second.address];
        wasm.adamWUpdate(
          sizeOf(weight.shape),
          ...tensors,
          (step.gradientScale as HostTensor).data[0],
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
          1 - learningRate * step.weightDecay,
          learningRate / (1 - beta1 ** step.step),
          1 / Math.sqrt(1 - beta2 ** step.step),
          step.epsilon,
        );
      },
      clip(x, limit, scale) {
        const sum = wasm.sumOfSquares(sizeOf(x.shape), x.address);
        (scale as HostTensor).data[0] = clippedScale(sum, limit);
      },
      add(x, target) {
        wasm.addFloats(sizeOf(x.shape), x.address, target.address);
      },
    },
  };
}
