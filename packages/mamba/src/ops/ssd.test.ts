import { describe, expect, test } from 'vitest';
import { type Agreement, expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { ShapeError } from '../errors.ts';
import { createTape } from '../tape.ts';
import { type ScanInputs, selectiveScan } from './selectiveScan.ts';
import { type SsdInputs, ssd, ssdChunk } from './ssd.ts';

interface SsdShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly headDim: number;
  readonly groups: number;
  readonly state: number;
  /** Whether what may be a column view is one. */
  readonly views?: boolean;
}

type SsdReplacements = { readonly [Name in keyof SsdInputs]?: CaseInput };

function ssdCase(shape: SsdShape, replaced: SsdReplacements = {}): OperationCase {
  const { batch, length, heads, headDim, groups, state, views = false } = shape;
  const inputs: { readonly [Name in keyof SsdInputs]: CaseInput } = {
    x: uniformInput('x', [batch, length, heads * headDim], 1.5),
    dt: uniformInput('dt', [batch, length, heads], 2),
    dtBias: uniformInput('dtBias', [heads], 1, -1),
    ALog: uniformInput('ALog', [heads], 1.5, 0.5),
    B: uniformInput('B', [batch, length, groups * state]),
    C: uniformInput('C', [batch, length, groups * state]),
    D: uniformInput('D', [heads], 0.5, 1),
  };
  const viewed = new Set(views ? ['x', 'dt', 'B', 'C'] : []);
  return {
    inputs: Object.fromEntries(
      Object.entries({ ...inputs, ...replaced }).map(([name, input]) => [
        name,
        viewed.has(name) ? { ...input, margins: [name.charCodeAt(0) % 4, 3] as const } : input,
      ]),
    ),
    record: (tape, tensors) => ssd(tape, tensors as unknown as SsdInputs, groups),
  };
}

/** The case's input with some elements replaced. */
function withValues(operation: OperationCase, name: string, change: (value: number, i: number) => number): CaseInput {
  const input = operation.inputs[name];
  return { ...input, values: Float32Array.from(input.values, change) };
}

/**
 * The documented 1e-6 + 1e-5 of the largest: Δ·A reaches about −30 here, and an exponential's error is its argument's
 * rounding, so 30·2⁻²⁴ ≈ 2e-6, beside sums over states, positions and a head's channels.
 *
 * By dtBias, ALog and D there is one derivative a head: a sum of products of about `size` and either sign, whose size is
 * typically that of its terms times the root of their number, but often enough far less. It is held to 1e-6 of the typical.
 */
function agreementFor({ batch, length, headDim, state }: SsdShape, size = 1): Agreement {
  const sum = 1e-6 * size * Math.sqrt(batch * length * headDim * state);
  return { absolute: 1e-6, ofLargest: 1e-5, cancelling: { dtBias: sum, ALog: sum, D: sum } };
}

async function expectSsdAgreement(
  label: string,
  shape: SsdShape,
  replaced: SsdReplacements = {},
  size = 1,
): Promise<void> {
  await expectAgreement(`${label}: ${JSON.stringify(shape)}`, ssdCase(shape, replaced), agreementFor(shape, size));
}

describe('ssd: the definition', () => {
  test.each([
    { batch: 2, length: 1, heads: 2, headDim: 3, groups: 1, state: 5 },
    { batch: 2, length: 2, heads: 4, headDim: 3, groups: 2, state: 5, views: true },
    { batch: 1, length: 13, heads: 2, headDim: 3, groups: 2, state: 5, views: true },
    { batch: 1, length: 13, heads: 1, headDim: 1, groups: 1, state: 1 },
  ])('derivative: %o', (shape) => {
    expectGradient('ssd', ssdCase(shape));
  });

  test.each([
    { length: 64, groups: 1 },
    { length: 65, groups: 2 },
    { length: 257, groups: 2 },
  ])('derivative over $length positions, 20 elements of each input', ({ length, groups }) => {
    expectGradient('ssd', ssdCase({ batch: 1, length, heads: 2, headDim: 3, groups, state: 5, views: true }), 20);
  });

  test('is the selective scan’s where all states of a head’s channels share Δ and A', () => {
    const shape = { batch: 2, length: 70, heads: 3, headDim: 2, groups: 1, state: 5 };
    const { inputs, record } = ssdCase(shape);
    const inner = shape.heads * shape.headDim;
    /** Every head's number for each of its channels, `copies` times over. */
    const spread = (name: string, copies: number, dimensions: readonly number[]): CaseInput => ({
      shape: dimensions,
      values: Array.from(inputs[name].values).flatMap((value) => new Array<number>(copies).fill(value)),
    });
    const scan: OperationCase = {
      inputs: {
        u: inputs.x,
        dt: spread('dt', shape.headDim, [2, 70, inner]),
        dtBias: spread('dtBias', shape.headDim, [inner]),
        ALog: spread('ALog', shape.headDim * shape.state, [inner, shape.state]),
        B: inputs.B,
        C: inputs.C,
        D: spread('D', shape.headDim, [inner]),
        // SiLU of 128 is 128.
        z: { shape: [2, 70, inner], values: new Float32Array(140 * inner).fill(128) },
      },
      record: (tape, tensors) => selectiveScan(tape, tensors as unknown as ScanInputs),
    };
    const [reference] = createBackends();
    const found = runCase(reference, { inputs, record }).output;
    const expected = runCase(reference, scan).output.map((value) => value / 128);
    // Float64 sums of the same terms, in the same order but for Δ·x·B.
    expectClose('ssd', found, expected, { absolute: 1e-12 });
  });
});

describe('ssd: every backend agrees with the definition', () => {
  const lengths = [1, 2, 13, 63, 64, 65, 130, 257];
  const shapes = [
    { heads: 1, headDim: 1, groups: 1, state: 1 },
    { heads: 2, headDim: 3, groups: 1, state: 5 },
    { heads: 4, headDim: 4, groups: 2, state: 8 },
    { heads: 2, headDim: 16, groups: 2, state: 4 },
    { heads: 6, headDim: 9, groups: 3, state: 17 },
    { heads: 3, headDim: 8, groups: 1, state: 64 },
  ];

  test.each(lengths)('length %i', async (length) => {
    for (const [i, sizes] of shapes.entries()) {
      // The definition takes long over long sequences.
      const batch = length < 64 ? 2 : 1;
      for (const views of length < 64 ? [false, true] : [i % 2 > 0]) {
        const shape = { batch, length, ...sizes, views };
        await expectSsdAgreement('ssd', shape);
      }
    }
  });

  test('heads and states as large as Mamba-2 has, 64 channels and 128', async () => {
    const shape = { batch: 1, length: 140, heads: 2, headDim: 64, groups: 1, state: 128, views: true };
    await expectSsdAgreement('Mamba-2', shape);
  });

  test('the largest state, and a head wider than a panel is deep; a larger state is refused', async () => {
    const shape = { batch: 1, length: 66, heads: 1, headDim: 3, groups: 1, state: 512 };
    await expectSsdAgreement('state 512', shape);
    await expectSsdAgreement('headDim 515', { ...shape, headDim: 515, state: 3 });
    for (const backend of createBackends()) {
      const larger = ssdCase({ ...shape, length: 1, state: 513 });
      expect(() => runCase(backend, larger), backend.name).toThrow(/at most 512 states a group, got 513/);
    }
  });

  const small = { batch: 1, length: 70, heads: 2, headDim: 5, groups: 1, state: 6 };

  test.each([-100, -25, -20, 20, 25, 100])('raw Δ around %i', async (raw) => {
    const dt = uniformInput('dt', [1, 70, 2], 0.01, raw);
    const dtBias = uniformInput('dtBias', [2], 0);
    await expectSsdAgreement(`raw Δ ${raw}`, small, { dt, dtBias }, Math.max(1, raw));
  });

  test.each([1, 20, 200])('a decay of e^−%i at every position', async (rate) => {
    const dt = uniformInput('dt', [1, 70, 2], 0, 25);
    const dtBias = uniformInput('dtBias', [2], 0);
    const ALog = uniformInput('ALog', [2], 0, Math.log(rate / 25));
    await expectSsdAgreement(`Δ·A = −${rate}`, small, { dt, dtBias, ALog }, 25);
  });

  test('steep and slow decays in one chunk: a difference of large sums stays exact', async () => {
    // Sums reach −640 over 32 positions; in float32 their differences would be wrong by 6e-5.
    const dt = {
      shape: [1, 70, 2],
      values: Float32Array.from({ length: 140 }, (_, i) => ((i >> 1) % 64 < 32 ? 20 : -6)),
    };
    const dtBias = uniformInput('dtBias', [2], 0);
    const ALog = uniformInput('ALog', [2], 0, 0);
    await expectSsdAgreement('steep, slow', small, { dt, dtBias, ALog }, 20);
  });

  test('a slow decay carries a state over many chunks', async () => {
    const shape = { ...small, length: 300 };
    const dt = uniformInput('dt', [1, 300, 2], 1, -7);
    const dtBias = uniformInput('dtBias', [2], 0);
    const ALog = uniformInput('ALog', [2], 0.5, -2);
    const x = uniformInput('x', [1, 300, 10], 10, 100);
    await expectSsdAgreement('slow', shape, { dt, dtBias, ALog, x }, 100);
  });
});

describe('ssd: what is not a number', () => {
  test.each(['x', 'dt', 'B', 'C', 'dtBias', 'ALog', 'D'])(
    'a NaN in %s spoils what it does in the definition',
    (name) => {
      const shape = { batch: 2, length: 70, heads: 2, headDim: 5, groups: 1, state: 3 };
      const inner = shape.heads * shape.headDim;
      const operation = ssdCase(shape);
      const middle = Math.floor(operation.inputs[name].values.length / 3);
      const spoilt = ssdCase(shape, {
        [name]: withValues(operation, name, (value, i) => (i === middle ? Number.NaN : value)),
      });
      const [reference, ...others] = createBackends();
      const expected = Array.from(runCase(reference, spoilt).output, Number.isNaN);
      expect(expected.includes(true) && expected.includes(false)).toBe(true);
      // Where x has it, zero weights reach it from the other positions of its eight.
      if (name === 'x') {
        const t = Math.floor(middle / inner);
        for (let before = t & ~7; before < t; before++) expected[before * inner + (middle % inner)] = true;
      }
      for (const backend of others) {
        expect(Array.from(runCase(backend, spoilt).output, Number.isNaN), backend.name).toEqual(expected);
      }
    },
  );
});

describe('ssd: structure, bit for bit on every backend', () => {
  const shape = { batch: 1, length: 200, heads: 2, headDim: 5, groups: 1, state: 3 };
  const inner = shape.heads * shape.headDim;

  /** The first positions of every input of a case with one sequence. */
  function prefixOf(operation: OperationCase, length: number): OperationCase {
    const inputs: Record<string, CaseInput> = {};
    for (const [name, input] of Object.entries(operation.inputs)) {
      const [, , width] = input.shape;
      const values = Array.from(input.values).slice(0, length * width);
      inputs[name] = input.shape.length === 3 ? { ...input, shape: [1, length, width], values } : input;
    }
    return { ...operation, inputs };
  }

  test('a prefix gives the first outputs of the whole, wherever chunks end', () => {
    const operation = ssdCase(shape);
    for (const backend of createBackends()) {
      const whole = runCase(backend, operation).output;
      for (const length of [1, 2, 13, ssdChunk - 1, ssdChunk, ssdChunk + 1, 2 * ssdChunk, 199]) {
        const part = runCase(backend, prefixOf(operation, length)).output;
        expect(part, `${backend.name}, ${length} positions`).toEqual(whole.subarray(0, length * inner));
      }
    }
  });

  test('changing position t never changes an output before t', () => {
    const operation = ssdCase(shape);
    for (const backend of createBackends()) {
      const before = runCase(backend, operation).output;
      for (const t of [0, 1, 30, 63, 64, 65, 128, 199]) {
        for (const name of ['x', 'dt', 'B', 'C']) {
          const width = operation.inputs[name].shape[2];
          const input = withValues(operation, name, (value, i) => (Math.floor(i / width) === t ? value + 1 : value));
          const after = runCase(backend, ssdCase(shape, { [name]: input })).output;
          const first = before.findIndex((value, i) => value !== after[i]);
          expect(Math.floor(first / inner), `${backend.name}: ${name} at ${t}`).toBe(t);
        }
      }
    }
  });

  test('a sequence gives the same alone as beside others, and a replay the same as the first time', () => {
    const three = { ...shape, batch: 3, length: 70 };
    const operation = ssdCase(three);
    for (const backend of createBackends()) {
      const whole = runCase(backend, operation);
      expect(runCase(backend, operation), backend.name).toEqual(whole);
      for (const b of [0, 1, 2]) {
        const replaced: Record<string, CaseInput> = {};
        for (const [name, input] of Object.entries(operation.inputs)) {
          if (input.shape.length < 3) continue;
          const size = input.values.length / 3;
          const values = Array.from(input.values).slice(b * size, (b + 1) * size);
          replaced[name] = { shape: [1, ...input.shape.slice(1)], values };
        }
        const alone = runCase(backend, ssdCase({ ...three, batch: 1 }, replaced)).output;
        expect(alone, `${backend.name}, sequence ${b}`).toEqual(
          whole.output.slice(b * 70 * inner, (b + 1) * 70 * inner),
        );
      }
    }
  });
});

test('shapes that do not fit together are refused', () => {
  const [backend] = createBackends();
  const { arena } = backend;
  const allocate = (sizes: Partial<Record<keyof SsdInputs, readonly number[]>>): SsdInputs => ({
    x: arena.allocate(sizes.x ?? [2, 3, 8]),
    dt: arena.allocate(sizes.dt ?? [2, 3, 4]),
    dtBias: arena.allocate(sizes.dtBias ?? [4]),
    ALog: arena.allocate(sizes.ALog ?? [4]),
    B: arena.allocate(sizes.B ?? [2, 3, 10]),
    C: arena.allocate(sizes.C ?? [2, 3, 10]),
    D: arena.allocate(sizes.D ?? [4]),
  });
  const attempt = (inputs: SsdInputs, groups: number) => () => ssd(createTape(backend, true), inputs, groups);
  expect(attempt(allocate({}), 2)().shape).toEqual([2, 3, 8]);
  expect(attempt(allocate({}), 3)).toThrow(/ssd groups: expected a divisor of 4 heads, got 3/);
  expect(attempt(allocate({}), 0)).toThrow(ShapeError);
  expect(attempt(allocate({}), 0.5)).toThrow(ShapeError);
  expect(attempt(allocate({}), 4)).toThrow(/ssd B: expected a multiple of 4 groups, got \(2, 3, 10\)/);
  expect(attempt(allocate({ x: [2, 3, 9] }), 2)).toThrow(/ssd x: expected a multiple of 4 heads/);
  expect(attempt(allocate({ x: [2, 8] }), 2)).toThrow(ShapeError);
  expect(attempt(allocate({ dt: [2, 4, 4] }), 2)).toThrow(ShapeError);
  for (const name of ['C', 'dtBias', 'ALog', 'D'] as const) {
    expect(attempt(allocate({ [name]: name === 'C' ? [2, 3, 8] : [5] }), 2), name).toThrow(`ssd ${name}`);
  }
});
