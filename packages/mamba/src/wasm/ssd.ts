import { type SsdKernels, ssdSizes } from '../ops/ssd.ts';
import type { SsdStepKernels } from '../ops/ssdStep.ts';
import type { Tensor } from '../tensor.ts';
import { place, rowBytes, strided, type WasmExports } from './operands.ts';

/** An input as kernels take it: address, and bytes from row to row. */
const rowsAt = (tensor: Tensor): [number, number] => [tensor.address, rowBytes(tensor)];

/** Mamba-2's scan, whole and position by position. */
export function bindSsd(
  wasm: WasmExports,
  scratch: number,
): { readonly ssd: SsdKernels; readonly ssdStep: SsdStepKernels } {
  return {
    ssd: {
      forward(inputs, groups, y, states) {
        const { x, dt, dtBias, ALog, B, C, D } = inputs;
        const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
        const vectors = [dtBias.address, ALog.address, D.address];
        const read = [...rowsAt(x), ...rowsAt(dt), ...vectors, ...rowsAt(B), ...rowsAt(C)];
        wasm.ssdForward(batch, length, heads, headDim, groups, state, ...read, y.address, states.address, scratch);
      },
      backward(inputs, groups, states, dy, dstate, gradients) {
        const { x, dt, dtBias, ALog, B, C, D } = inputs;
        const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
        const vectors = [dtBias.address, ALog.address, D.address];
        const read = [...rowsAt(x), ...rowsAt(dt), ...vectors, ...rowsAt(B), ...rowsAt(C)];
        wasm.ssdBackward(
          batch,
          length,
          heads,
          headDim,
          groups,
          state,
          ...read,
          states.address,
          dy.address,
          dstate.address,
          ...strided(gradients.x),
          ...strided(gradients.dt),
          ...place(gradients.dtBias),
          ...place(gradients.ALog),
          ...strided(gradients.B),
          ...strided(gradients.C),
          ...place(gradients.D),
          scratch,
        );
      },
    },

    ssdStep: {
      forward(inputs, groups, h, y) {
        const { x, dt, dtBias, ALog, B, C, D } = inputs;
        const { batch, length, heads, headDim, state } = ssdSizes(inputs, groups);
        const vectors = [dtBias.address, ALog.address, D.address];
        const read = [...rowsAt(x), ...rowsAt(dt), ...vectors, ...rowsAt(B), ...rowsAt(C)];
        wasm.ssdStepForward(batch, length, heads, headDim, groups, state, ...read, h.address, y.address);
      },
    },
  };
}
