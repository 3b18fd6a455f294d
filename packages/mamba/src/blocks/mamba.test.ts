import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { allocateParameters, initialise } from '../parameters.ts';
import { mamba, mambaDefaults, mambaParameters } from './mamba.ts';

const small = { dModel: 3, dState: 4, dConv: 4, expand: 2 };

function blockCase(batch: number, length: number, config = small): OperationCase {
  const parameters = parameterInputs(mambaParameters('mixer', config));
  return {
    inputs: { ...parameters, x: uniformInput('x', [batch, length, config.dModel], 1.5) },
    record(tape, { x, ...tensors }) {
      return mamba(tape, new Map(Object.entries(tensors)), 'mixer', config, x);
    },
  };
}

/** Each derivative passes five operations, each of which may be 2e-6 of its largest element off. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('mamba', () => {
  test.each([1, 2, 13])('derivative by every parameter, length %i', (length) => {
    expectGradient('mamba', blockCase(2, length));
  });

  test.each([64, 257])('derivative by every parameter, length %i, 12 elements of each', (length) => {
    expectGradient('mamba', blockCase(1, length), 12);
  });

  test('every backend agrees with the definition', async () => {
    for (const length of [1, 2, 3, 13, 65]) {
      for (const dModel of [1, 5, 13, 33]) {
        const operation = blockCase(2, length, { dModel, ...mambaDefaults });
        await expectAgreement(`length ${length}, width ${dModel}`, operation, agreement);
      }
    }
  });

  test('at length 1 A_log and all but the last tap learn nothing', () => {
    for (const backend of createBackends()) {
      const { gradients } = runCase(backend, blockCase(2, 1));
      expect(
        gradients['mixer.A_log'].every((value) => value === 0),
        backend.name,
      ).toBe(true);
      const taps = Array.from(gradients['mixer.conv1d.weight'], (value) => value !== 0);
      expect(taps, backend.name).toEqual(taps.map((_, i) => i % 4 === 3));
    }
  });

  test('position t never changes an output before t, bit for bit', () => {
    const length = 70;
    const operation = blockCase(1, length);
    const { x } = operation.inputs;
    for (const backend of createBackends()) {
      const before = runCase(backend, operation).output;
      for (const t of [0, 1, 40, 63, 64, 69]) {
        const values = Float32Array.from(x.values, (value, i) => (Math.floor(i / 3) === t ? value + 1 : value));
        const changed: CaseInput = { ...x, values };
        const after = runCase(backend, { ...operation, inputs: { ...operation.inputs, x: changed } }).output;
        const first = before.findIndex((value, i) => value !== after[i]);
        expect(Math.floor(first / 3), `${backend.name}, position ${t}`).toBe(t);
      }
    }
  });

  test('the authors’ initial values', () => {
    const config = { dModel: 32, ...mambaDefaults };
    const specs = mambaParameters('mixer', config);
    const [backend] = createBackends();
    const { tensors } = allocateParameters(backend, specs);
    initialise(backend, specs, tensors, 7);
    const valuesOf = (name: string): number[] => Array.from(tensors.get(`mixer.${name}`)?.data ?? []);
    // A = −1 … −N for every channel.
    const decays = valuesOf('A_log').map(Math.exp);
    decays.forEach((decay, i) => {
      expect(decay).toBeCloseTo((i % 16) + 1, 10);
    });
    expect(new Set(valuesOf('D'))).toEqual(new Set([1]));
    const deltas = valuesOf('dt_proj.bias').map((bias) => Math.log1p(Math.exp(bias)));
    expect(Math.min(...deltas)).toBeGreaterThanOrEqual(1e-3 * (1 - 1e-9));
    expect(Math.max(...deltas)).toBeLessThanOrEqual(0.1 * (1 + 1e-9));
    // Log-uniform: half of 64 lies below the geometric mean; five deviations of a fair coin are 20.
    const below = deltas.filter((delta) => delta < 0.01).length;
    expect(Math.abs(below - 32)).toBeLessThanOrEqual(20);
    const largest = Math.max(...valuesOf('in_proj.weight').map(Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(32));
    expect(largest).toBeGreaterThan(0.95 / Math.sqrt(32));
    expect(specs.filter(({ decay }) => !decay).map(({ name }) => name)).toEqual([
      'mixer.conv1d.bias',
      'mixer.dt_proj.bias',
      'mixer.A_log',
      'mixer.D',
    ]);
  });
});
