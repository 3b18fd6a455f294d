import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { SettingError } from '../errors.ts';
import { allocateParameters, initialise } from '../parameters.ts';
import { type Mamba2Config, mamba2, mamba2Defaults, mamba2Parameters } from './mamba2.ts';

const small: Mamba2Config = { dModel: 3, dState: 2, dConv: 4, expand: 4, headDim: 3, groups: 2 };

function blockCase(batch: number, length: number, config = small): OperationCase {
  return {
    inputs: {
      ...parameterInputs(mamba2Parameters('mixer', config)),
      x: uniformInput('x', [batch, length, config.dModel], 1.5),
    },
    record(tape, { x, ...tensors }) {
      return mamba2(tape, new Map(Object.entries(tensors)), 'mixer', config, x);
    },
  };
}

/** Each derivative passes five operations, each of which may be 2e-6 of its largest element off. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

describe('mamba2', () => {
  test.each([1, 2, 13])('derivative by every parameter, length %i', (length) => {
    expectGradient('mamba2', blockCase(2, length));
    expectGradient('mamba2, one group', blockCase(2, length, { ...small, groups: 1 }), 12);
  });

  test.each([64, 257])('derivative by every parameter, length %i, 12 elements of each', (length) => {
    expectGradient('mamba2', blockCase(1, length), 12);
  });

  test('every backend agrees with the definition', async () => {
    for (const length of [1, 2, 3, 13, 64, 70]) {
      for (const config of [
        { ...small, dModel: 1, expand: 1, headDim: 1, groups: 1 },
        small,
        { ...small, dModel: 5, headDim: 5, dState: 9, groups: 4 },
        { ...mamba2Defaults, dModel: 16, headDim: 8, dState: 16 },
      ]) {
        await expectAgreement(`length ${length}, ${JSON.stringify(config)}`, blockCase(2, length, config), agreement);
      }
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

  test('the authors’ names and shapes', () => {
    const specs = mamba2Parameters('mixer', { dModel: 256, ...mamba2Defaults });
    expect(specs.map(({ name, shape }) => [name.slice('mixer.'.length), shape])).toEqual([
      ['in_proj.weight', [2 * 512 + 2 * 128 + 8, 256]],
      ['conv1d.weight', [512 + 2 * 128, 1, 4]],
      ['conv1d.bias', [512 + 2 * 128]],
      ['dt_bias', [8]],
      ['A_log', [8]],
      ['D', [8]],
      ['norm.weight', [512]],
      ['out_proj.weight', [256, 512]],
    ]);
    const undecayed = specs.filter(({ decay }) => !decay).map(({ name }) => name.slice('mixer.'.length));
    expect(undecayed).toEqual(['conv1d.bias', 'dt_bias', 'A_log', 'D', 'norm.weight']);
  });

  test('the authors’ initial values', () => {
    const config = { dModel: 64, ...mamba2Defaults, headDim: 1 };
    const valuesOf = (residuals: number): Record<string, number[]> => {
      const specs = mamba2Parameters('mixer', config, residuals);
      const [backend] = createBackends();
      const { tensors } = allocateParameters(backend, specs);
      initialise(backend, specs, tensors, 7);
      return Object.fromEntries(
        [...tensors].map(([name, { data }]) => [name.slice('mixer.'.length), Array.from(data)]),
      );
    };
    const values = valuesOf(1);
    const rates = values.A_log.map(Math.exp);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(Math.max(...rates)).toBeLessThanOrEqual(16 + 1e-12);
    // U(1, 16): the mean of 128 has a standard deviation of 15 / √(12 · 128) = 0.38; five of them.
    expect(Math.abs(rates.reduce((sum, rate) => sum + rate, 0) / 128 - 8.5)).toBeLessThan(1.9);
    const deltas = values.dt_bias.map((bias) => Math.log1p(Math.exp(bias)));
    expect(Math.min(...deltas)).toBeGreaterThanOrEqual(1e-3 * (1 - 1e-9));
    expect(Math.max(...deltas)).toBeLessThanOrEqual(0.1 * (1 + 1e-9));
    expect(new Set([...values.D, ...values['norm.weight']])).toEqual(new Set([1]));
    const scaled = valuesOf(4);
    expect(scaled['out_proj.weight']).toEqual(values['out_proj.weight'].map((value) => value / 2));
    expect(scaled['in_proj.weight']).toEqual(values['in_proj.weight']);
  });

  test('sizes that do not fit together are refused', () => {
    for (const wrong of [{ headDim: 5 }, { headDim: 0 }, { headDim: 1.5 }, { groups: 3 }, { groups: 0 }]) {
      expect(() => mamba2Parameters('mixer', { ...small, ...wrong }), JSON.stringify(wrong)).toThrow(SettingError);
    }
  });
});
