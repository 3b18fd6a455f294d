import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf, packed, uniformInput } from '../../testing/operationCase.ts';
import { SettingError, ShapeError } from '../errors.ts';
import type { Kernels } from '../kernels.ts';
import { type Backend, createTape } from '../tape.ts';
import { type Tensor, viewColumns } from '../tensor.ts';
import { scanStep } from './scanStep.ts';
import { type ScanInputs, selectiveScan } from './selectiveScan.ts';

interface ScanShape {
  readonly batch: number;
  readonly length: number;
  readonly inner: number;
  readonly state: number;
}

type ScanValues = { readonly [Name in keyof ScanInputs]: { shape: readonly number[]; values: ArrayLike<number> } };

function scanValues({ batch, length, inner, state }: ScanShape): ScanValues {
  return {
    u: uniformInput('u', [batch, length, inner], 1.5),
    dt: uniformInput('dt', [batch, length, inner], 2),
    dtBias: uniformInput('dtBias', [inner], 1, -1),
    ALog: uniformInput('ALog', [inner, state], 1.5, 0.5),
    B: uniformInput('B', [batch, length, state]),
    C: uniformInput('C', [batch, length, state]),
    D: uniformInput('D', [inner], 0.5, 1),
    z: uniformInput('z', [batch, length, inner], 2),
  };
}

/** The positions from … to − 1 of every input, what may be a column view as one. */
function allocateInputs(backend: Backend<Kernels>, values: ScanValues, from: number, to: number): ScanInputs {
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
  return tensors as unknown as ScanInputs;
}

/** Outputs and last state of scanStep over pieces of the given lengths, one after another. */
function scanPieces(backend: Backend<Kernels>, shape: ScanShape, values: ScanValues, pieces: readonly number[]) {
  const { batch, length, inner, state } = shape;
  const h = backend.arena.allocate([batch, inner, state]);
  const output = new Float64Array(batch * length * inner);
  let from = 0;
  for (const piece of pieces) {
    const tape = createTape(backend, false);
    const y = scanStep(tape, allocateInputs(backend, values, from, from + piece), h);
    tape.forward();
    const part = packed(y);
    for (let b = 0; b < batch; b++) {
      output.set(part.subarray(b * piece * inner, (b + 1) * piece * inner), (b * length + from) * inner);
    }
    from += piece;
  }
  return { output, h: Float64Array.from(numbersOf(h)) };
}

function scanWhole(backend: Backend<Kernels>, values: ScanValues): Float64Array {
  const tape = createTape(backend, false);
  const y = selectiveScan(tape, allocateInputs(backend, values, 0, values.u.shape[1]));
  tape.forward();
  return packed(y);
}

/** The state after the last position, read off the whole scan: D = 0, C picks one state, a gate of 128 scales by 128. */
function lastState(backend: Backend<Kernels>, { batch, length, inner, state }: ScanShape, values: ScanValues) {
  const h = new Float64Array(batch * inner * state);
  for (let n = 0; n < state; n++) {
    const { shape } = values.C;
    const y = scanWhole(backend, {
      ...values,
      C: { shape, values: Float32Array.from({ length: batch * length * state }, (_, i) => Number(i % state === n)) },
      D: { shape: [inner], values: new Float32Array(inner) },
      z: { shape: values.z.shape, values: new Float32Array(batch * length * inner).fill(128) },
    });
    for (let b = 0; b < batch; b++) {
      for (let d = 0; d < inner; d++) {
        h[(b * inner + d) * state + n] = y[(b * length + length - 1) * inner + d] / 128;
      }
    }
  }
  return h;
}

/** Of the largest: the same sums in another order, and for a step's decays the same exponentials. */
function allowance(backend: Backend<Kernels>, values: Float64Array): { absolute: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { absolute: (backend.name === 'reference' ? 1e-12 : 1e-6) * largest };
}

describe('scanStep', () => {
  test.each([
    { batch: 2, length: 1, inner: 3, state: 4 },
    { batch: 2, length: 13, inner: 5, state: 16 },
    { batch: 1, length: 70, inner: 9, state: 3 },
    { batch: 3, length: 7, inner: 66, state: 17 },
    { batch: 1, length: 4, inner: 2, state: 1 },
  ])('outputs and last state are the whole scan’s, however it is cut: %o', (shape) => {
    const values = scanValues(shape);
    const { length } = shape;
    for (const backend of createBackends()) {
      const expected = scanWhole(backend, values);
      const expectedState = lastState(backend, shape, values);
      const cuts = [[length], new Array<number>(length).fill(1)];
      if (length > 2) cuts.push([1, length - 1], [length - 2, 1, 1]);
      for (const pieces of cuts) {
        const label = `${backend.name}, ${pieces.length} pieces`;
        const found = scanPieces(backend, shape, values, pieces);
        expectClose(label, found.output, expected, allowance(backend, expected));
        expectClose(`${label}: state`, found.h, expectedState, allowance(backend, expectedState));
      }
    }
  });

  test('pieces are the whole, bit for bit', () => {
    const shape = { batch: 2, length: 9, inner: 5, state: 6 };
    for (const backend of createBackends()) {
      const whole = scanPieces(backend, shape, scanValues(shape), [9]);
      expect(scanPieces(backend, shape, scanValues(shape), [1, 3, 5]), backend.name).toEqual(whole);
    }
  });

  test('a state of another shape is refused, and a tape that trains', () => {
    const shape = { batch: 2, length: 3, inner: 5, state: 6 };
    const [backend] = createBackends();
    const inputs = allocateInputs(backend, scanValues(shape), 0, 3);
    const h = backend.arena.allocate([2, 5, 6]);
    expect(() => scanStep(createTape(backend, false), inputs, backend.arena.allocate([2, 6, 5]))).toThrow(ShapeError);
    expect(() => scanStep(createTape(backend, true), inputs, h)).toThrow(SettingError);
  });
});
