import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf, packed, uniformInput } from '../../testing/operationCase.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { type Backend, createTape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';
import { type SsdInputs, ssd } from './ssd.ts';
import { ssdStep } from './ssdStep.ts';

interface SsdShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly headDim: number;
  readonly groups: number;
  readonly state: number;
}

type SsdValues = { readonly [Name in keyof SsdInputs]: { shape: readonly number[]; values: ArrayLike<number> } };

function ssdValues({ batch, length, heads, headDim, groups, state }: SsdShape): SsdValues {
  return {
    x: uniformInput('x', [batch, length, heads * headDim], 1.5),
    dt: uniformInput('dt', [batch, length, heads], 2),
    dtBias: uniformInput('dtBias', [heads], 1, -1),
    ALog: uniformInput('ALog', [heads], 1.5, 0.5),
    B: uniformInput('B', [batch, length, groups * state]),
    C: uniformInput('C', [batch, length, groups * state]),
    D: uniformInput('D', [heads], 0.5, 1),
  };
}

/** The positions from … to − 1 of every input, what may be a column view as one. */
function allocateInputs(backend: Backend<Kernels>, values: SsdValues, from: number, to: number): SsdInputs {
  const tensors: Record<string, Tensor> = {};
  for (const [name, input] of Object.entries(values)) {
    if (input.shape.length < 3) {
      tensors[name] = backend.arena.allocate(input.shape);
      numbersOf(tensors[name]).set(input.values);
      continue;
    }
    const [batch, length, width] = input.shape;
    const tensor = viewColumns(backend.arena.allocate([batch, to - from, width + 3]), 2, width + 2);
    for (let b = 0; b < batch; b++) {
      for (let t = from; t < to; t++) {
        const row = b * (to - from) + t - from;
        for (let c = 0; c < width; c++) {
          numbersOf(tensor)[row * tensor.stride + c] = input.values[(b * length + t) * width + c];
        }
      }
    }
    tensors[name] = tensor;
  }
  return tensors as unknown as SsdInputs;
}

/** Outputs and last state of ssdStep over pieces of the given lengths, one after another. */
function stepPieces(backend: Backend<Kernels>, shape: SsdShape, values: SsdValues, pieces: readonly number[]) {
  const { batch, length, heads, headDim, groups, state } = shape;
  const inner = heads * headDim;
  const h = backend.arena.allocate([batch, heads, headDim, state]);
  const output = new Float64Array(batch * length * inner);
  let from = 0;
  for (const piece of pieces) {
    const tape = createTape(backend, false);
    const y = ssdStep(tape, allocateInputs(backend, values, from, from + piece), groups, h);
    tape.forward();
    const part = packed(y);
    for (let b = 0; b < batch; b++) {
      output.set(part.subarray(b * piece * inner, (b + 1) * piece * inner), (b * length + from) * inner);
    }
    from += piece;
  }
  return { output, h: Float64Array.from(numbersOf(h)) };
}

function ssdWhole(backend: Backend<Kernels>, groups: number, values: SsdValues): Float64Array {
  const tape = createTape(backend, false);
  const y = ssd(tape, allocateInputs(backend, values, 0, values.x.shape[1]), groups);
  tape.forward();
  return packed(y);
}

/** The state after the last position, read off the whole: D = 0, and C picks one state of every group. */
function lastState(backend: Backend<Kernels>, shape: SsdShape, values: SsdValues): Float64Array {
  const { batch, length, heads, headDim, groups, state } = shape;
  const inner = heads * headDim;
  const h = new Float64Array(batch * inner * state);
  for (let n = 0; n < state; n++) {
    const pick = Float32Array.from(values.C.values, (_, i) => Number(i % state === n));
    const y = ssdWhole(backend, groups, {
      ...values,
      C: { shape: values.C.shape, values: pick },
      D: { shape: [heads], values: new Float32Array(heads) },
    });
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < inner; c++) h[(b * inner + c) * state + n] = y[(b * length + length - 1) * inner + c];
    }
  }
  return h;
}

/**
 * Of the largest: in float64 the rounding of the same sums in another order; in float32 that of the decays too, which are
 * products of exponentials here and exponentials of sums there.
 */
function allowance(backend: Backend<Kernels>, values: Float64Array): { absolute: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { absolute: (backend.name === 'reference' ? 1e-12 : 2e-6) * largest };
}

describe('ssdStep', () => {
  test.each([
    { batch: 2, length: 1, heads: 2, headDim: 3, groups: 1, state: 4 },
    { batch: 2, length: 13, heads: 2, headDim: 5, groups: 2, state: 16 },
    { batch: 1, length: 140, heads: 3, headDim: 4, groups: 1, state: 3 },
    { batch: 3, length: 7, heads: 4, headDim: 9, groups: 2, state: 17 },
    { batch: 1, length: 4, heads: 2, headDim: 1, groups: 1, state: 1 },
  ])('outputs and last state are the whole’s, however it is cut: %o', (shape) => {
    const values = ssdValues(shape);
    const { length, groups } = shape;
    for (const backend of createBackends()) {
      const expected = ssdWhole(backend, groups, values);
      const expectedState = lastState(backend, shape, values);
      const cuts = [[length], new Array<number>(length).fill(1)];
      if (length > 2) cuts.push([1, length - 1], [length - 2, 1, 1]);
      for (const pieces of cuts) {
        const label = `${backend.name}, ${pieces.length} pieces`;
        const found = stepPieces(backend, shape, values, pieces);
        expectClose(label, found.output, expected, allowance(backend, expected));
        expectClose(`${label}: state`, found.h, expectedState, allowance(backend, expectedState));
      }
    }
  });

  test('pieces are the whole, bit for bit', () => {
    const shape = { batch: 2, length: 9, heads: 2, headDim: 5, groups: 1, state: 6 };
    for (const backend of createBackends()) {
      const whole = stepPieces(backend, shape, ssdValues(shape), [9]);
      expect(stepPieces(backend, shape, ssdValues(shape), [1, 3, 5]), backend.name).toEqual(whole);
    }
  });

  test('a state of another shape is refused, and a tape that trains', () => {
    const shape = { batch: 2, length: 3, heads: 2, headDim: 5, groups: 1, state: 6 };
    const [backend] = createBackends();
    const inputs = allocateInputs(backend, ssdValues(shape), 0, 3);
    const h = backend.arena.allocate([2, 2, 5, 6]);
    const other = backend.arena.allocate([2, 2, 6, 5]);
    expect(() => ssdStep(createTape(backend, false), inputs, 1, other)).toThrow(ShapeError);
    expect(() => ssdStep(createTape(backend, true), inputs, 1, h)).toThrow(SettingError);
  });
});
