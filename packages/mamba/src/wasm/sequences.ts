import type { ConvStepKernels } from '../ops/convStep.ts';
import type { Pooling, PoolKernels } from '../ops/pool.ts';
import type { ReverseSequenceKernels } from '../ops/reverseSequence.ts';
import type { ScanStepKernels } from '../ops/scanStep.ts';
import { columnsOf } from '../tensor.ts';
import { place, rowBytes, type WasmExports } from './operands.ts';

/** As the kernels number them. */
const poolings: readonly Pooling[] = ['mean', 'first', 'last'];

/** The kernels for sequences that may be padded, or that are read position by position. */
export function bindSequences(
  wasm: WasmExports,
  scratch: number,
): {
  readonly pool: PoolKernels;
  readonly reverseSequence: ReverseSequenceKernels;
  readonly convStep: ConvStepKernels;
  readonly scanStep: ScanStepKernels;
} {
  return {
    pool: {
      forward(x, lengths, pooling, y) {
        const [batch, length, width] = x.shape;
        const kind = poolings.indexOf(pooling);
        wasm.poolForward(batch, length, width, kind, x.address, lengths?.address ?? 0, y.address);
      },
      backward(dy, lengths, pooling, dx) {
        const [batch, length, width] = dx.shape;
        const kind = poolings.indexOf(pooling);
        wasm.poolBackward(batch, length, width, kind, dy.address, lengths?.address ?? 0, ...place(dx));
      },
    },

    reverseSequence: {
      apply(x, lengths, base, y) {
        const [batch, length, width] = x.shape;
        const from = [x.address, rowBytes(x), lengths?.address ?? 0];
        const onto = base ? [base.address, rowBytes(base)] : [0, 0];
        wasm.reverseSequenceApply(batch, length, width, ...from, ...onto, y.address, rowBytes(y));
      },
    },

    convStep: {
      forward(x, weight, bias, window, y) {
        const [batch, length, channels] = x.shape;
        const inputs = [x.address, rowBytes(x), weight.address, bias.address];
        wasm.convStepForward(batch, length, channels, columnsOf(weight), ...inputs, window.address, y.address);
      },
    },

    scanStep: {
      forward({ u, dt, dtBias, ALog, B, C, D, z }, h, y) {
        const [batch, length, inner] = u.shape;
        const input = [u.address, rowBytes(u), dt.address, rowBytes(dt), dtBias.address, ALog.address];
        const selection = [B.address, rowBytes(B), C.address, rowBytes(C), D.address, z.address, rowBytes(z)];
        const outputs = [h.address, y.address, scratch];
        wasm.scanStepForward(batch, length, inner, ALog.shape[1], ...input, ...selection, ...outputs);
      },
    },
  };
}
