import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf } from '../../testing/operationCase.ts';
import { type BackendName, createBackend } from '../backend.ts';
import { bidirectionalMamba, bidirectionalParameters } from '../blocks/bidirectional.ts';
import { type MambaConfig, mamba, mambaParameters } from '../blocks/mamba.ts';
import { mamba2, mamba2Parameters } from '../blocks/mamba2.ts';
import type { Model } from '../blocks/model.ts';
import { tokenNetwork } from '../blocks/tokenNetwork.ts';
import { vectorNetwork } from '../blocks/vectorNetwork.ts';
import type { Kernels } from '../kernels.ts';
import { recordLoss } from '../ops/losses.ts';
import {
  allocateParameters,
  type ParameterBlock,
  type ParameterSpec,
  type Parameters,
  parameter,
} from '../parameters.ts';
import { readSafetensors } from '../safetensors.ts';
import { type Backend, createTape, type Tape } from '../tape.ts';
import type { Floats, Tensor } from '../tensor.ts';
import { goldenTensor } from './inputs.ts';

/**
 * Every backend against PyTorch (scripts/golden/mamba.py and mamba2.py). Outputs to 1e-5, gradients to 1e-4 of the tensor's largest
 * element: the scale at which float32 sums of many terms can agree with float64.
 */
const backends: readonly BackendName[] = ['reference', 'simd', 'relaxed'];

function load(name: string) {
  const { tensors } = readSafetensors(readFileSync(new URL(name, import.meta.url)));
  return (key: string): Floats => {
    const found = tensors.get(key);
    if (!found) throw new Error(`${name} has no ${key}`);
    return Float64Array.from(found.data as Float64Array);
  };
}

/** Initial values of the golden files, by the end of a parameter's name: [scale, shift]. */
function goldenScale(fullName: string, { dModel, expand }: MambaConfig): readonly [number, number] {
  const inner = dModel * expand;
  const rank = Math.ceil(dModel / 16);
  // Both directions' alike.
  const name = fullName.replace(/(conv1d|x_proj|dt_proj|A|D)_b/, '$1');
  if (name.startsWith('head.')) return [1 / Math.sqrt(dModel), 0];
  if (name.startsWith('tokens.')) return [1, 0];
  if (name.endsWith('in_proj.weight')) return [1 / Math.sqrt(dModel), 0];
  if (name.endsWith('conv1d.weight') || name.endsWith('conv1d.bias')) return [0.5, 0];
  if (name.endsWith('x_proj.weight') || name.endsWith('out_proj.weight')) return [1 / Math.sqrt(inner), 0];
  if (name.endsWith('dt_proj.weight')) return [rank ** -0.5, 0];
  if (name.endsWith('dt_proj.bias')) return [1, -3];
  if (name.endsWith('dt_bias')) return [1.5, -1.5];
  if (name.endsWith('A_log')) return [1, 0.5];
  if (name.endsWith('.D')) return [0.5, 1];
  if (name.endsWith('norm.weight') || name.endsWith('norm_f.weight')) return [0.2, 1];
  throw new Error(`no golden scale for ${name}`);
}

function fillGolden(parameters: Parameters, caseName: string, config: MambaConfig, prefix = ''): void {
  for (const [name, tensor] of parameters) {
    const [scale, shift] = goldenScale(name, config);
    numbersOf(tensor).set(goldenTensor(`${caseName}/${name.slice(prefix.length)}`, tensor.shape, scale, shift));
  }
}

function largestOf(values: Floats): number {
  return Array.from(values).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
}

/** As the golden files keep large tensors: 64 evenly spaced elements, then the sum and the sum of squares. */
function sample(values: Floats): number[] {
  const count = Math.min(values.length, 64);
  const samples = Array.from({ length: count }, (_, k) => values[Math.floor((k * values.length) / count)]);
  const all = Array.from(values);
  return [...samples, all.reduce((s, v) => s + v, 0), all.reduce((s, v) => s + v * v, 0)];
}

/** Sums grow with the number of elements, so their tolerances do as well. */
function expectSampleClose(label: string, values: Floats, golden: Floats, tolerance: number): void {
  const elements = golden.length - 2;
  const n = values.length;
  // Samples can all fall on zeros (a convolution's dead taps); the sum of squares tells the scale even then.
  const largest = Math.max(largestOf(golden.subarray(0, elements)), Math.sqrt(golden[elements + 1] / n));
  const found = sample(values);
  expectClose(label, found.slice(0, elements), golden.subarray(0, elements), { absolute: tolerance * largest });
  expectClose(`${label} sum`, [found[elements]], [golden[elements]], { absolute: tolerance * largest * n });
  expectClose(`${label} squares`, [found[elements + 1]], [golden[elements + 1]], {
    absolute: 2 * tolerance * largest * largest * n,
  });
}

/** Starts the backward pass from a given derivative instead of a loss. */
function recordCotangent(tape: Tape<unknown>, output: Tensor, cotangent: Floats): void {
  tape.record({ inputs: [output], forward() {}, backward: ([d]) => d && numbersOf(d).set(cotangent) });
}

interface BlockCase {
  readonly name: string;
  readonly golden: ReturnType<typeof load>;
  readonly config: MambaConfig;
  /** Of the input: (batch, length). */
  readonly shape: readonly [number, number];
  readonly specs: readonly ParameterSpec[];
  record(tape: Tape<Kernels>, parameters: Parameters, x: Tensor): Tensor;
}

/** A block's output and its gradient by everything. */
function expectBlock(backend: Backend<Kernels>, { name, golden, config, shape, specs, record }: BlockCase): void {
  const mark = backend.arena.mark();
  const gradientBlock = allocateParameters(backend, specs);
  const gradients = gradientBlock.tensors;
  const parameters = allocateParameters(backend, specs, gradientBlock).tensors;
  fillGolden(parameters, name, config, 'mixer.');
  const tape = createTape(backend, true);
  const x = tape.tensor([...shape, config.dModel]);
  numbersOf(x).set(goldenTensor(`${name}/input`, x.shape, 1.5));
  const output = record(tape, parameters, x);
  recordCotangent(tape, output, goldenTensor(`${name}/dout`, output.shape));
  tape.forward();
  tape.backward();
  expectSampleClose('output', numbersOf(output), golden(`${name}/output`), 1e-5);
  expectSampleClose('input', numbersOf(x.gradient as Tensor), golden(`${name}/gradient/input`), 1e-4);
  for (const [parameterName, gradient] of gradients) {
    const short = parameterName.slice('mixer.'.length);
    expectSampleClose(short, numbersOf(gradient), golden(`${name}/gradient/${short}`), 1e-4);
  }
  backend.arena.release(mark);
}

describe.each(backends)('%s: one block against PyTorch', (backendName) => {
  const backend = createBackend(backendName);
  const [block, second, both] = ['block', 'mamba2', 'bidirectional'].map((name) => load(`${name}.safetensors`));

  describe.each([1, 2, 3, 13, 16, 17, 64, 257])('length %i', (length) => {
    test.each([5, 26, 128].flatMap((inner) => [1, 8, 16].map((state) => [inner, state])))(
      'inner %i, state %i',
      (inner, dState) => {
        const expand = inner === 5 ? 1 : 2;
        const config = { dModel: inner / expand, expand, dState, dConv: 4 };
        expectBlock(backend, {
          name: `block L=${length} I=${inner} N=${dState}`,
          golden: block,
          config,
          shape: [length === 257 ? 1 : 2, length],
          specs: mambaParameters('mixer', config),
          record: (tape, parameters, x) => mamba(tape, parameters, 'mixer', config, x),
        });
      },
    );
  });

  describe.each([1, 13, 70])('length %i', (length) => {
    test.each([
      { dModel: 10, headDim: 5, dState: 7, groups: 1 },
      { dModel: 16, headDim: 8, dState: 16, groups: 2 },
    ])('Mamba-2: %o', (sizes) => {
      const config = { ...sizes, expand: 2, dConv: 4 };
      expectBlock(backend, {
        name: `mamba2 L=${length} G=${config.groups}`,
        golden: second,
        config,
        shape: [2, length],
        specs: mamba2Parameters('mixer', config),
        record: (tape, parameters, x) => mamba2(tape, parameters, 'mixer', config, x),
      });
    });

    test('both directions, the second row padded', () => {
      const config = { dModel: 8, expand: 2, dState: 5, dConv: 4 };
      expectBlock(backend, {
        name: `bidirectional L=${length}`,
        golden: both,
        config,
        shape: [2, length],
        specs: bidirectionalParameters('mixer', config),
        record(tape, parameters, x) {
          const lengths = backend.arena.allocate([2, 1]);
          lengths.data.set([length, Math.ceil(length / 2)]);
          return bidirectionalMamba(tape, parameters, 'mixer', config, x, null, lengths);
        },
      });
    });
  });
});

interface Recorded {
  readonly tape: Tape<Kernels>;
  readonly parameters: Parameters;
  readonly gradients: ParameterBlock;
  readonly prediction: Tensor;
  readonly loss: Tensor;
}

/** Records a network with its loss. */
function recordNetwork(
  backend: Backend<Kernels>,
  model: Model,
  inputs: Record<string, Floats>,
  target: Floats,
): Recorded {
  const gradients = allocateParameters(backend, model.parameters);
  const parameters = allocateParameters(backend, model.parameters, gradients).tensors;
  const tape = createTape(backend, true);
  const rows = target.length;
  tape.context.batchRows = rows;
  const tensors: Record<string, Tensor> = {};
  for (const [name, width] of Object.entries(model.inputs)) {
    tensors[name] = backend.arena.allocate([rows, width]);
    numbersOf(tensors[name]).set(inputs[name]);
  }
  const prediction = model.record(tape, parameters, tensors);
  const targets = backend.arena.allocate([rows, 1]);
  numbersOf(targets).set(target);
  const loss = recordLoss(tape, 'meanSquaredError', prediction, targets);
  return { tape, parameters, gradients, prediction, loss };
}

/** The loss before each of ten optimiser steps. */
function trainTenSteps(
  backend: Backend<Kernels>,
  { tape, parameters, gradients, loss }: Recorded,
  { learningRate, decays, clip }: { learningRate: number; decays: (name: string) => boolean; clip: number },
): number[] {
  const { adamW } = backend.kernels;
  const moments = [...parameters].map(([, { shape }]) => [
    backend.arena.allocate(shape),
    backend.arena.allocate(shape),
  ]);
  const gradientScale = backend.arena.allocate([1]);
  const losses: number[] = [];
  for (let step = 1; step <= 10; step++) {
    tape.forward();
    losses.push(numbersOf(loss)[0]);
    tape.backward();
    adamW.clip(gradients.all, clip, gradientScale);
    [...parameters].forEach(([name, weight], i) => {
      adamW.update(weight, parameter(gradients.tensors, name), moments[i][0], moments[i][1], {
        learningRate,
        weightDecay: decays(name) ? 0.1 : 0,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        step,
        gradientScale,
      });
    });
  }
  return losses;
}

describe.each(backends)('%s: networks against PyTorch', (name) => {
  const seedConfig = { dModel: 13, expand: 2, dState: 16, dConv: 4, outputScale: 100 };

  test.each([0.001, 0.00001])("the seed's network, Adam at %f", (learningRate) => {
    const golden = load('seed.safetensors');
    const backend = createBackend(name);
    const inputs = { features: goldenTensor('seed/input', [8, 13], 1.5) };
    const target = goldenTensor('seed/target', [8], 20, 66);
    const recorded = recordNetwork(backend, vectorNetwork(seedConfig), inputs, target);
    fillGolden(recorded.parameters, 'seed', seedConfig);
    recorded.tape.forward();
    recorded.tape.backward();
    expectClose('output', numbersOf(recorded.prediction), golden('seed/output'), { relative: 1e-5 });
    for (const [parameterName, gradient] of recorded.gradients.tensors) {
      const expected = golden(`seed/gradient/${parameterName}`);
      expectClose(parameterName, numbersOf(gradient), expected, { absolute: 1e-4 * largestOf(expected) });
    }
    const losses = trainTenSteps(backend, recorded, { learningRate, decays: () => false, clip: Infinity });
    const expected = golden(`seed/losses/lr=${learningRate === 0.001 ? '0.001' : '0.00001'}`);
    expectClose('losses', losses, expected, { relative: 1e-4 });
  });

  test.each(['adam', 'adamW'])('a two-layer token network, %s', (optimiser) => {
    const golden = load('tokens.safetensors');
    const backend = createBackend(name);
    const config = { dModel: 8, expand: 2, dState: 8, dConv: 4, layers: 2 };
    const edges = [0, 1, 2, 3].map((f) => Float32Array.from(golden('tokens/edges').subarray(f * 6, f * 6 + 6)));
    const model = tokenNetwork({ ...config, edges, categories: [12, 2], dropout: 0, hidden: 0, seed: 1 });
    // Code −1 is a missing value.
    const codes = golden('tokens/codes').map((code) => code + 1);
    const inputs = { numeric: golden('tokens/numeric'), codes };
    const recorded = recordNetwork(backend, model, inputs, goldenTensor('tokens/target', [6]));
    fillGolden(recorded.parameters, 'tokens', config);
    recorded.tape.forward();
    recorded.tape.backward();
    expectClose('output', numbersOf(recorded.prediction), golden('tokens/output'), { absolute: 1e-5 });
    for (const [parameterName, gradient] of recorded.gradients.tensors) {
      const expected = golden(`tokens/gradient/${parameterName}`);
      expectClose(parameterName, numbersOf(gradient), expected, { absolute: 1e-4 * largestOf(expected) });
    }
    const undecayed = /A_log$|\.D$|bias$|norm\.weight$|norm_f\.weight$|^tokens\./;
    const losses = trainTenSteps(backend, recorded, {
      learningRate: 0.001,
      decays: (parameterName) => optimiser === 'adamW' && !undecayed.test(parameterName),
      clip: optimiser === 'adamW' ? 1 : Infinity,
    });
    expectClose('losses', losses, golden(`tokens/losses/${optimiser}`), { relative: 1e-4 });
  });
});
