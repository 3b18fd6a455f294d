import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../../testing/agreement.ts';
import { createBackends } from '../../testing/backends.ts';
import { expectGradient } from '../../testing/centralDifference.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { parameterInputs } from '../../testing/networkCase.ts';
import { type CaseInput, type OperationCase, runCase, uniformInput } from '../../testing/operationCase.ts';
import { bidirectionalMamba, bidirectionalParameters } from './bidirectional.ts';
import { type BlockConfig, mixerOf } from './block.ts';
import { runMixer } from './mixer.ts';

const sizes = { dModel: 3, dState: 4, dConv: 4, expand: 2 };
const kinds: readonly BlockConfig[] = [sizes, { ...sizes, block: 'mamba2', headDim: 3, groups: 2 }];

/** Names that only the second direction has, of a block's parameters without its prefix. */
function secondNames(config: BlockConfig): string[] {
  const first = mixerOf(config).parameters('mixer', 1);
  const names = bidirectionalParameters('mixer', config).map(({ name }) => name);
  expect(names.filter((name) => first.some((spec) => spec.name === name))).toEqual(first.map(({ name }) => name));
  return names.filter((name) => !first.some((spec) => spec.name === name)).map((name) => name.slice('mixer.'.length));
}

function blockCase(config: BlockConfig, batch: number, length: number, padded = false): OperationCase {
  const inputs: Record<string, CaseInput> = {
    ...parameterInputs(bidirectionalParameters('mixer', config)),
    x: uniformInput('x', [batch, length, config.dModel], 1.5),
  };
  if (padded) {
    const values = Float32Array.from({ length: batch }, (_, b) => length - ((b * 7) % length));
    inputs.lengths = { shape: [batch, 1], values, differentiable: false };
  }
  return {
    inputs,
    record(tape, { x, lengths, ...tensors }) {
      return bidirectionalMamba(tape, new Map(Object.entries(tensors)), 'mixer', config, x, null, lengths);
    },
  };
}

/** Each derivative passes six operations, each of which may be 2e-6 of its largest element off. */
const agreement = { absolute: 1e-6, ofLargest: 1e-5 };

test('Vision Mamba’s names beside the authors’', () => {
  const [first, second] = kinds.map(secondNames);
  const both = ['conv1d_b.weight', 'conv1d_b.bias'];
  expect(first).toEqual([...both, 'x_proj_b.weight', 'dt_proj_b.weight', 'dt_proj_b.bias', 'A_b_log', 'D_b']);
  expect(second).toEqual([...both, 'dt_bias_b', 'A_b_log', 'D_b', 'norm_b.weight']);
});

describe.each(kinds)('bidirectionalMamba of %o', (config) => {
  test.each([1, 2, 13])('derivative by every parameter, length %i', (length) => {
    expectGradient('bidirectionalMamba', blockCase(config, 2, length));
    expectGradient('bidirectionalMamba, padded', blockCase(config, 3, length, true));
  });

  test.each([64, 257])('derivative by every parameter, length %i, 3 elements of each', (length) => {
    expectGradient('bidirectionalMamba', blockCase(config, 1, length), 3);
  });

  test('every backend agrees with the definition', async () => {
    for (const length of [1, 2, 13, 65]) {
      for (const padded of [false, true]) {
        const operation = blockCase(config, 3, length, padded);
        await expectAgreement(`length ${length}, padded: ${padded}`, operation, agreement);
      }
    }
  });

  test('it is one block on the sequence and another, with the second direction’s weights, on its reverse', () => {
    const length = 13;
    const operation = blockCase(config, 1, length);
    const { x, ...parameters } = operation.inputs;
    const reversed = (values: ArrayLike<number>): number[] =>
      Array.from(values, (_, i) => values[(length - 1 - Math.floor(i / 3)) * 3 + (i % 3)]);
    /** A block in one direction with the weights of the first or the second. */
    const alone = (suffix: '' | '_b', values: ArrayLike<number>): OperationCase => ({
      inputs: {
        ...Object.fromEntries(
          mixerOf(config)
            .parameters('mixer', 1)
            .map(({ name }) => [
              name,
              parameters[name.replace(/\.(conv1d|x_proj|dt_proj|dt_bias|A|D|norm)/, `.$1${suffix}`)],
            ]),
        ),
        x: { ...x, values },
      },
      record(tape, { x, ...tensors }) {
        return runMixer(tape, new Map(Object.entries(tensors)), 'mixer', mixerOf(config), x, null, null);
      },
    });
    for (const backend of createBackends()) {
      const both = runCase(backend, operation).output;
      const forwards = runCase(backend, alone('', x.values)).output;
      const backwards = reversed(runCase(backend, alone('_b', reversed(x.values))).output);
      const expected = forwards.map((value, i) => value + backwards[i]);
      // out_proj of a sum against the sum of two: a few roundings of numbers below 1 in float32.
      expectClose(backend.name, both, expected, { absolute: backend.name === 'reference' ? 1e-14 : 5e-7 });
    }
  });

  test('the last position reaches the first, and padding reaches nothing', () => {
    const [length, valid] = [9, 6];
    const operation = blockCase(config, 1, length);
    const lengths = { shape: [1, 1], values: [valid], differentiable: false };
    const { x } = operation.inputs;
    const changedAt = (position: number): OperationCase => {
      const values = Float32Array.from(x.values, (value, i) => (Math.floor(i / 3) === position ? value + 1 : value));
      return { ...operation, inputs: { ...operation.inputs, lengths, x: { ...x, values } } };
    };
    for (const backend of createBackends()) {
      const before = runCase(backend, changedAt(-1)).output.slice(0, valid * 3);
      const differing = (position: number): number[] => {
        const after = runCase(backend, changedAt(position)).output;
        const places = [...before.keys()].filter((i) => before[i] !== after[i]).map((i) => Math.floor(i / 3));
        return [...new Set(places)];
      };
      expect(differing(valid - 1), backend.name).toEqual([0, 1, 2, 3, 4, 5]);
      expect(differing(valid), backend.name).toEqual([]);
      expect(differing(length - 1), backend.name).toEqual([]);
    }
  });
});
