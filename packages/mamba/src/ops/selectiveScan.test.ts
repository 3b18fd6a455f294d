import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { type ScanInputs, scanChunk, selectiveScan } from './selectiveScan.ts';

interface ScanShape {
  readonly batch: number;
  readonly length: number;
  readonly inner: number;
  readonly state: number;
  /** Whether what may be a column view is one. */
  readonly views?: boolean;
}

function scanCase(shape: ScanShape, replaced: { readonly [Name in keyof ScanInputs]?: CaseInput } = {}): OperationCase {
  const { batch, length, inner, state, views = false } = shape;
  const inputs: { readonly [Name in keyof ScanInputs]: CaseInput } = {
    u: uniformInput('u', [batch, length, inner], 1.5),
    dt: uniformInput('dt', [batch, length, inner], 2),
    dtBias: uniformInput('dtBias', [inner], 1, -1),
    ALog: uniformInput('ALog', [inner, state], 1.5, 0.5),
    B: uniformInput('B', [batch, length, state]),
    C: uniformInput('C', [batch, length, state]),
    D: uniformInput('D', [inner], 0.5, 1),
    z: uniformInput('z', [batch, length, inner], 2),
  };
  const viewed = new Set(views ? ['u', 'dt', 'B', 'C', 'z'] : []);
  return {
    inputs: Object.fromEntries(
      Object.entries({ ...inputs, ...replaced }).map(([name, input]) => [
        name,
        viewed.has(name) ? { ...input, margins: [name.charCodeAt(0) % 4, 3] as const } : input,
      ]),
    ),
    record: (tape, tensors) => selectiveScan(tape, tensors as unknown as ScanInputs),
  };
}

/** The case's input with some elements replaced. */
function withValues(operation: OperationCase, name: string, change: (value: number, i: number) => number): CaseInput {
  const input = operation.inputs[name];
  return { ...input, values: Float32Array.from(input.values, change) };
}

/**
 * The documented 1e-6 + 1e-5 of the largest: Δ·A reaches about −30 here, and an exponential's error is its argument's
 * rounding, so 30·2⁻²⁴ ≈ 2e-6, beside sums over states, channels and positions.
 */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('selectiveScan: the definition', () => {
  test.each([
    { batch: 2, length: 1, inner: 3, state: 4 },
    { batch: 2, length: 7, inner: 3, state: 2, views: true },
    { batch: 1, length: 13, inner: 1, state: 1 },
  ])('derivative: %o', (shape) => {
    expectGradient('selectiveScan', scanCase(shape));
  });

  test('derivative over more than a chunk, 40 elements of each input', () => {
    expectGradient('selectiveScan', scanCase({ batch: 1, length: 70, inner: 2, state: 3 }), 40);
  });
});

describe('selectiveScan: every backend agrees with the definition', () => {
  const lengths = [1, 2, 13, 63, 64, 65, 128, 200];
  const inners = [1, 5, 26, 64, 65, 130];
  const states = [1, 3, 4, 8, 16, 17];

  test.each(lengths)('length %i', async (length) => {
    for (const [i, inner] of inners.entries()) {
      for (const [j, state] of states.entries()) {
        // The definition takes long over long sequences: they get some of the pairs, the next length others.
        const share = length > 100 ? 3 : length > 13 ? 2 : 1;
        if ((i + j + lengths.indexOf(length)) % share > 0) continue;
        const batch = length * inner * state < 20_000 ? 2 : 1;
        const shape = { batch, length, inner, state, views: (i + lengths.indexOf(length)) % 3 > 0 };
        await expectAgreement(JSON.stringify(shape), scanCase(shape), agreement);
      }
    }
  });

  test.each([-100, -25, -20, 20, 25, 100])('raw Δ around %i', async (raw) => {
    const shape = { batch: 1, length: 70, inner: 5, state: 4 };
    const dt = uniformInput('dt', [1, 70, 5], 0.01, raw);
    const dtBias = uniformInput('dtBias', [5], 0);
    await expectAgreement(`raw Δ ${raw}`, scanCase(shape, { dt, dtBias }), agreement);
  });

  test('a state as large as Mamba-2 has, 256', async () => {
    const shape = { batch: 1, length: 66, inner: 3, state: 256 };
    await expectAgreement('state 256', scanCase(shape), agreement);
  });

  test('the largest state, over more than a block of channels and a chunk; a larger one is refused', async () => {
    const backends = createBackends();
    await expectAgreement('state 512', scanCase({ batch: 1, length: 65, inner: 65, state: 512 }), agreement);
    for (const backend of backends) {
      const larger = scanCase({ batch: 1, length: 1, inner: 1, state: 513 });
      expect(() => runCase(backend, larger), backend.name).toThrow(/at most 512 states/);
    }
  });

  test('softplus is continuous across its threshold', async () => {
    const shape = { batch: 1, length: 8, inner: 5, state: 4 };
    const dt = uniformInput('dt', [1, 8, 5], 1e-4, 20);
    const dtBias = uniformInput('dtBias', [5], 0);
    await expectAgreement('threshold', scanCase(shape, { dt, dtBias }), agreement);
  });

  test('a decay that underflows, Δ·A = −200, forgets everything', async () => {
    const shape = { batch: 1, length: 66, inner: 5, state: 4 };
    const dt = uniformInput('dt', [1, 66, 5], 0, 25);
    const dtBias = uniformInput('dtBias', [5], 0);
    const ALog = uniformInput('ALog', [5, 4], 0, Math.log(8));
    await expectAgreement('Δ·A = −200', scanCase(shape, { dt, dtBias, ALog }), agreement);
  });

  test.each([-100, 100])('gates around %i', async (gate) => {
    const shape = { batch: 1, length: 66, inner: 5, state: 4 };
    const z = uniformInput('z', [1, 66, 5], 1, gate);
    await expectAgreement(`gate ${gate}`, scanCase(shape, { z }), agreement);
  });

  test('a slow decay carries a state over many chunks', async () => {
    const shape = { batch: 1, length: 200, inner: 5, state: 4 };
    const dt = uniformInput('dt', [1, 200, 5], 1, -7);
    const dtBias = uniformInput('dtBias', [5], 0);
    const ALog = uniformInput('ALog', [5, 4], 0.5, -2);
    const u = uniformInput('u', [1, 200, 5], 10, 100);
    await expectAgreement('slow', scanCase(shape, { dt, dtBias, ALog, u }), agreement);
  });

  test('a NaN spoils the same outputs as in the definition, and some', () => {
    const shape = { batch: 2, length: 70, inner: 5, state: 3 };
    const operation = scanCase(shape);
    const [reference, ...others] = createBackends();
    for (const name of Object.keys(operation.inputs)) {
      const middle = Math.floor(operation.inputs[name].values.length / 3);
      const spoilt = scanCase(shape, {
        [name]: withValues(operation, name, (value, i) => (i === middle ? Number.NaN : value)),
      });
      // The definition multiplies A by the zero state before the first position; the kernels begin without a state.
      const comparable = (value: number, i: number): boolean => {
        const isFirst = Math.floor(i / shape.inner) % shape.length === 0;
        return Number.isNaN(value) && !(name === 'ALog' && isFirst);
      };
      const expected = Array.from(runCase(reference, spoilt).output, comparable);
      expect(expected.includes(true) && expected.includes(false), name).toBe(true);
      for (const backend of others) {
        const found = Array.from(runCase(backend, spoilt).output, comparable);
        expect(found, `${backend.name}: NaN in ${name}`).toEqual(expected);
      }
    }
  });
});

describe('selectiveScan: structure, bit for bit on every backend', () => {
  const shape = { batch: 1, length: 200, inner: 5, state: 3 };

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
    const operation = scanCase(shape);
    for (const backend of createBackends()) {
      const whole = runCase(backend, operation).output;
      // One position alone goes another way, without a state (scanSingles.ts); it is held to the definition above.
      for (const length of [2, 13, scanChunk - 1, scanChunk, scanChunk + 1, 2 * scanChunk, 199]) {
        const part = runCase(backend, prefixOf(operation, length)).output;
        expect(part, `${backend.name}, ${length} positions`).toEqual(whole.subarray(0, length * shape.inner));
      }
    }
  });

  test('changing position t never changes an output before t', () => {
    const operation = scanCase(shape);
    for (const backend of createBackends()) {
      const before = runCase(backend, operation).output;
      for (const t of [0, 1, 30, 63, 64, 65, 128, 199]) {
        for (const name of ['u', 'dt', 'B', 'C', 'z']) {
          const width = operation.inputs[name].shape[2];
          const input = withValues(operation, name, (value, i) => (Math.floor(i / width) === t ? value + 1 : value));
          const after = runCase(backend, scanCase(shape, { [name]: input })).output;
          const first = before.findIndex((value, i) => value !== after[i]);
          expect(Math.floor(first / shape.inner), `${backend.name}: ${name} at ${t}`).toBe(t);
        }
      }
    }
  });

  test('a sequence and a channel give the same alone as beside others', () => {
    const operation = scanCase({ batch: 3, length: 70, inner: 9, state: 5 });
    /** Sequence b, or channel d of all. */
    const partOf = (pick: 'sequence' | 'channel', index: number): OperationCase => {
      const inputs: Record<string, CaseInput> = {};
      for (const [name, { shape, values }] of Object.entries(operation.inputs)) {
        const all = Array.from(values);
        const size = all.length / shape[0];
        if (pick === 'sequence') {
          const part = shape.length === 3 ? all.slice(index * size, (index + 1) * size) : all;
          inputs[name] = { shape: shape.length === 3 ? [1, ...shape.slice(1)] : shape, values: part };
        } else if (name === 'ALog') {
          inputs[name] = { shape: [1, 5], values: all.slice(index * 5, index * 5 + 5) };
        } else if (name === 'B' || name === 'C') {
          inputs[name] = { shape, values };
        } else {
          inputs[name] = { shape: [...shape.slice(0, -1), 1], values: all.filter((_, i) => i % 9 === index) };
        }
      }
      return { ...operation, inputs };
    };
    for (const backend of createBackends()) {
      const whole = runCase(backend, operation).output;
      for (const b of [0, 1, 2]) {
        const alone = runCase(backend, partOf('sequence', b)).output;
        expect(alone, `${backend.name}, sequence ${b}`).toEqual(whole.slice(b * 70 * 9, (b + 1) * 70 * 9));
      }
      for (const d of [0, 3, 4, 8]) {
        const alone = runCase(backend, partOf('channel', d)).output;
        const expected = whole.filter((_, i) => i % 9 === d);
        expect(alone, `${backend.name}, channel ${d}`).toEqual(expected);
      }
    }
  });
});

/**
 * What the kernels' exponential and softplus give, read off a scan that leaves nothing else: one state, u = B = C = 1,
 * D = 0 and a gate of 128, whose SiLU is 128. Then y[0] = 128·Δ, and with B[1] = 0, y[1] = 128·exp(Δ·A)·Δ.
 */
describe('selectiveScan: arithmetic', () => {
  const points = 2000;

  /** Δ and exp(Δ·A) for each raw step size, with A = −1. */
  function measure(raw: Float32Array): { name: string; delta: Float64Array; decay: Float64Array }[] {
    const ones: CaseInput = { shape: [1, 2, points], values: new Float32Array(2 * points).fill(1) };
    const operation: OperationCase = scanCase(
      { batch: 1, length: 2, inner: points, state: 1 },
      {
        u: ones,
        dt: { shape: [1, 2, points], values: Float32Array.from([...raw, ...raw]) },
        dtBias: { shape: [points], values: new Float32Array(points) },
        ALog: { shape: [points, 1], values: new Float32Array(points) },
        B: { shape: [1, 2, 1], values: [1, 0] },
        C: { shape: [1, 2, 1], values: [1, 1] },
        D: { shape: [points], values: new Float32Array(points) },
        z: { shape: [1, 2, points], values: new Float32Array(2 * points).fill(128) },
      },
    );
    return createBackends()
      .slice(1)
      .map((backend) => {
        const y = runCase(backend, operation).output;
        const delta = y.slice(0, points).map((value) => value / 128);
        return { name: backend.name, delta, decay: y.slice(points).map((value, i) => value / y[i]) };
      });
  }

  /** Raw step sizes whose softplus spreads evenly over (0, 87]. */
  const spread = Float32Array.from({ length: points }, (_, i) => {
    const delta = (87 * (i + 1)) / points;
    return delta > 20 ? delta : Math.log(Math.expm1(delta));
  });

  test('2^x within two units in the last place of its float32 argument, over Δ·A in [−87, 0]', () => {
    for (const { name, delta, decay } of measure(spread)) {
      decay.forEach((value, i) => {
        // Where multiply and add are fused, the argument is the product before it is rounded.
        const product = -Math.fround(Math.LOG2E) * delta[i];
        const errors = [product, Math.fround(product)].map((x) => Math.abs(value / 2 ** x - 1));
        const error = name === 'relaxed' ? Math.min(...errors) : errors[1];
        // A unit in the last place is 1.2e-7 of the number, at most.
        expect(error, `${name}: Δ·A = ${-delta[i]}`).toBeLessThan(2.4e-7);
      });
    }
  });

  test('exp(Δ·A) within what rounding its argument must cost, over Δ·A in [−87, 0]', () => {
    for (const { name, delta, decay } of measure(spread)) {
      decay.forEach((value, i) => {
        // The argument and log2(e) each round by 2⁻²⁴ of themselves, which an exponential turns into that much of Δ·A.
        const allowed = 2.4e-7 + 2 ** -23 * delta[i];
        const error = Math.abs(value / Math.exp(-delta[i]) - 1);
        expect(error, `${name}: Δ·A = ${-delta[i]}`).toBeLessThan(allowed);
      });
    }
  });

  test('softplus within 3e-7 relative where it is not tiny, over [−15, 40]', () => {
    const raw = Float32Array.from({ length: points }, (_, i) => -15 + (55 * i) / points);
    for (const { name, delta } of measure(raw)) {
      delta.forEach((value, i) => {
        const expected = Math.log1p(Math.exp(raw[i]));
        // e^x costs the rounding of its argument, |x|·2⁻²⁴, where x is negative; the rest is a few roundings.
        const allowed = 3e-7 + Math.max(0, -raw[i]) * 2 ** -23;
        expect(Math.abs(value / expected - 1), `${name}: softplus(${raw[i]})`).toBeLessThan(allowed);
      });
    }
  });
});
