import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf, packed, uniformInput } from '../../testing/operationCase.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { type Backend, createTape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';
import { causalConv } from './causalConv.ts';
import { convStep } from './convStep.ts';

interface ConvShape {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly taps: number;
}

function allocate(backend: Backend<Kernels>, name: string, shape: readonly number[]): Tensor {
  const tensor = backend.arena.allocate(shape);
  numbersOf(tensor).set(uniformInput(name, shape).values);
  return tensor;
}

/** x's positions from … to − 1 as a column view. */
function inputOf(backend: Backend<Kernels>, { batch, length, channels }: ConvShape, from: number, to: number): Tensor {
  const { values } = uniformInput('x', [batch, length, channels], 2);
  const x = viewColumns(backend.arena.allocate([batch, to - from, channels + 3]), 1, channels + 1);
  for (let b = 0; b < batch; b++) {
    for (let t = from; t < to; t++) {
      for (let c = 0; c < channels; c++) {
        numbersOf(x)[(b * (to - from) + t - from) * x.stride + c] = values[(b * length + t) * channels + c];
      }
    }
  }
  return x;
}

/** Outputs and last window of convStep over pieces of the given lengths, one after another. */
function convPieces(backend: Backend<Kernels>, shape: ConvShape, pieces: readonly number[]) {
  const { batch, length, channels, taps } = shape;
  const weight = allocate(backend, 'weight', [channels, 1, taps]);
  const bias = allocate(backend, 'bias', [channels]);
  const window = backend.arena.allocate([batch, taps - 1, channels]);
  const output = new Float64Array(batch * length * channels);
  let from = 0;
  for (const piece of pieces) {
    const tape = createTape(backend, false);
    const y = convStep(tape, inputOf(backend, shape, from, from + piece), weight, bias, window);
    tape.forward();
    const part = packed(y);
    for (let b = 0; b < batch; b++) {
      const rows = part.subarray(b * piece * channels, (b + 1) * piece * channels);
      output.set(rows, (b * length + from) * channels);
    }
    from += piece;
  }
  return { output, window: Float64Array.from(numbersOf(window)) };
}

describe('convStep', () => {
  test.each([1, 2, 3, 4])('outputs are the whole convolution’s, however it is cut, with %i taps', (taps) => {
    for (const backend of createBackends()) {
      for (const channels of [1, 4, 5, 13]) {
        for (const length of [1, 2, 3, 9]) {
          const shape = { batch: 2, length, channels, taps };
          const tape = createTape(backend, false);
          const weight = allocate(backend, 'weight', [channels, 1, taps]);
          const y = causalConv(tape, inputOf(backend, shape, 0, length), weight, allocate(backend, 'bias', [channels]));
          tape.forward();
          const cuts = [[length], new Array<number>(length).fill(1)];
          if (length > 2) cuts.push([1, length - 1], [length - 1, 1]);
          for (const pieces of cuts) {
            const label = `${backend.name}: ${JSON.stringify(shape)} in ${pieces.length}`;
            const found = convPieces(backend, shape, pieces);
            // A sum of five numbers below 2, each product rounded, in any order.
            expectClose(label, found.output, packed(y), { absolute: backend.name === 'reference' ? 1e-14 : 1e-6 });
            const { values } = uniformInput('x', [2, length, channels], 2);
            const expected = [0, 1].flatMap((b) =>
              Array.from({ length: (taps - 1) * channels }, (_, i) => {
                const t = length - (taps - 1) + Math.floor(i / channels);
                return t < 0 ? 0 : values[(b * length + t) * channels + (i % channels)];
              }),
            );
            expect(Array.from(found.window), `${label}: window`).toEqual(expected);
          }
        }
      }
    }
  });

  test('a window of another shape is refused, and too many taps, and a tape that trains', () => {
    const [backend] = createBackends();
    const [x, bias] = [allocate(backend, 'x', [2, 3, 5]), allocate(backend, 'bias', [5])];
    const weight = (taps: number): Tensor => allocate(backend, 'weight', [5, 1, taps]);
    const window = (taps: number): Tensor => backend.arena.allocate([2, taps - 1, 5]);
    const predicting = createTape(backend, false);
    expect(() => convStep(predicting, x, weight(4), bias, window(3))).toThrow(ShapeError);
    expect(() => convStep(predicting, x, weight(5), bias, window(5))).toThrow(ShapeError);
    expect(() => convStep(createTape(backend, true), x, weight(4), bias, window(4))).toThrow(SettingError);
  });
});
