import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf } from '../../testing/operationCase.ts';
import { createBackend } from '../backend.ts';
import { sequenceNetwork } from '../blocks/sequenceNetwork.ts';
import { createStepper } from '../blocks/sequenceStepper.ts';
import { stack, stackParameters } from '../blocks/stack.ts';
import { createStackStepper } from '../blocks/step.ts';
import type { Kernels } from '../kernels.ts';
import { embedding } from '../ops/embedding.ts';
import { linear } from '../ops/linear.ts';
import { allocateParameters, loadParameters, type Parameters, parameter, type StoredValues } from '../parameters.ts';
import { readSafetensors } from '../safetensors.ts';
import { type Backend, createTape } from '../tape.ts';
import { createPredictor } from '../train/predict.ts';
import { createTraining } from '../train/train.ts';
import { type Pretrained, type ReadPretrained, readPretrained } from './readPretrained.ts';
import { writePretrained } from './writePretrained.ts';

/** Models of transformers and what they make of some tokens: scripts/golden/pretrained.py. */
const folder = new URL('../golden/pretrained/', import.meta.url);
const load = (name: string): Buffer => readFileSync(new URL(name, folder));
const expected = readSafetensors(load('expected.safetensors')).tensors;
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

function expectedOf(name: string): { readonly shape: readonly number[]; readonly data: Float32Array } {
  const found = expected.get(name);
  if (!found) throw new Error(`no ${name}`);
  return { shape: found.shape, data: Float32Array.from(found.data as Float32Array) };
}

function loadCase(name: string): { config: string; file: Buffer; model: ReadPretrained } {
  const config = load(`${name}.json`).toString();
  const file = load(`${name}.safetensors`);
  return { config, file, model: readPretrained(config, [file]) };
}

/** All but the network that is made of them. */
function partsOf({ config, vocabulary, weights, head }: Pretrained): Pretrained {
  return { config, vocabulary, weights, head };
}

/** A model's weights in a backend's memory. */
function place(backend: Backend<Kernels>, { config, vocabulary, weights }: Pretrained): Parameters {
  const table = { name: 'backbone.embedding.weight', shape: [vocabulary, config.dModel], decay: false };
  const specs = [{ ...table, initialise() {} }, ...stackParameters('backbone', config)];
  const { tensors } = allocateParameters(backend, specs, allocateParameters(backend, specs));
  for (const [name, tensor] of tensors) backend.write(tensor, weights.get(name)?.data ?? []);
  return tensors;
}

/**
 * Hidden states are of unit size, and those of transformers are float32 as well: some tens of units in the last place.
 */
const hiddenTolerance = { absolute: 1e-5 };

describe.each(cases)('%s', (name) => {
  const { config, file, model } = loadCase(name);
  const ids = expectedOf(`${name}/ids`);
  const hidden = expectedOf(`${name}/hidden`);
  const { dModel } = model.config;
  const [batch, length] = ids.shape;

  test('runs as it was read: logits, or hidden states where it has no head', () => {
    for (const backend of createBackends()) {
      const { config, weights } = model.network;
      const parameters = loadParameters(backend, sequenceNetwork(config).parameters, weights);
      const found = createStepper(backend, parameters, config, batch).prefill(ids.data);
      if (model.head) expectClose(backend.name, found, expectedOf(`${name}/logits`).data, { absolute: 1e-4 });
      else expectClose(backend.name, found, hidden.data, hiddenTolerance);
    }
  });

  test('gives the hidden states of transformers position by position', () => {
    for (const backend of createBackends()) {
      const parameters = place(backend, model);
      const stepper = createStackStepper(backend, parameters, 'backbone', model.config, batch);
      const table = numbersOf(parameter(parameters, 'backbone.embedding.weight'));
      const embedded = [...ids.data].flatMap((id) => [...table.subarray(id * dModel, (id + 1) * dModel)]);
      expectClose(`${backend.name} prefill`, stepper.prefill(embedded), hidden.data, hiddenTolerance);
      stepper.reset();
      for (let t = 0; t < length; t++) {
        const at = (values: ArrayLike<number>): number[] =>
          Array.from(values).filter((_, i) => Math.floor(i / dModel) % length === t);
        expectClose(`${backend.name} step ${t}`, stepper.step(at(embedded)), at(hidden.data), hiddenTolerance);
      }
    }
  });

  test('gives the hidden states and logits of transformers on a tape, and learns there', () => {
    for (const backend of createBackends()) {
      const parameters = place(backend, model);
      const tape = createTape(backend, true);
      const codes = backend.arena.allocate(ids.shape);
      codes.data.set(ids.data);
      const table = parameter(parameters, 'backbone.embedding.weight');
      const embedded = tape.tensor([batch, length, dModel]);
      embedding(
        tape,
        codes,
        table,
        Array.from({ length }, (_, t) => t),
        embedded,
      );
      const y = stack(tape, parameters, 'backbone', model.config, embedded);
      if (model.head) {
        const weight =
          model.head === 'embedding' ? table : backend.arena.allocate(table.shape, tape.tensor(table.shape));
        if (model.head !== 'embedding') numbersOf(weight).set(model.head.data);
        const logits = linear(tape, y, weight);
        tape.forward();
        // Sums of d_model products of hidden states, to within 1e-5 each, and weights below 4.
        expectClose(`${backend.name} logits`, numbersOf(logits), expectedOf(`${name}/logits`).data, { absolute: 1e-4 });
        if (logits.gradient) numbersOf(logits.gradient).fill(1);
      } else {
        tape.forward();
        if (y.gradient) numbersOf(y.gradient).fill(1);
      }
      expectClose(backend.name, numbersOf(y), hidden.data, hiddenTolerance);
      tape.backward();
      const still = [...parameters].filter(
        ([, { gradient }]) => gradient && numbersOf(gradient).every((value) => value === 0),
      );
      expect(still.map(([parameterName]) => parameterName)).toEqual([]);
    }
  });

  test('goes back as it came', () => {
    const written = writePretrained('transformers', model, config);
    // The same text, but that the dtype is what is written, and that Python spells the epsilon another way.
    const spelled = config.replace(/"dtype": "\w+"/, '"dtype": "float32"').replace('1e-05', '0.00001');
    expect(written.config).toBe(spelled);
    if (JSON.parse(config).dtype === 'float32') {
      expect(Buffer.from(written.file).equals(file)).toBe(true);
    } else {
      const [original, found] = [file, written.file].map((bytes) => readSafetensors(bytes).tensors);
      const shapes = (tensors: typeof found) => [...tensors].map(([key, { shape }]) => [key, shape]);
      expect(shapes(found)).toEqual(shapes(original));
      expect(readPretrained(written.config, [written.file])).toEqual(model);
    }
  });

  test('goes by way of mamba_ssm, without its config.json too', () => {
    const withHead: Pretrained = model.head ? model : { ...model, head: 'embedding' };
    const theirs = writePretrained('mamba_ssm', withHead);
    expect(partsOf(readPretrained(theirs.config, [theirs.file]))).toEqual(partsOf(withHead));
    const back = writePretrained('transformers', model);
    expect(readPretrained(back.config, [back.file])).toEqual(model);
  });
});

test('every golden model is there', () => {
  const parts = ['ids', 'hidden'].flatMap((part) => cases.map((name) => `${name}/${part}`));
  expect([...expected.keys()]).toEqual(expect.arrayContaining(parts));
  expect(cases).toHaveLength(8);
});

test('a network begins with pretrained weights and goes back into the library', () => {
  const { model, config } = loadCase('mamba2-untied');
  const network = sequenceNetwork({
    ...model.config,
    vocabulary: model.vocabulary,
    length: 11,
    outputs: 3,
    pooling: 'mean',
    dropout: 0,
    seed: 1,
  });
  const backend = createBackend('simd');
  const examples = { rows: 2, inputs: { codes: expectedOf('mamba2-untied/ids').data } };
  const begin = (initial: StoredValues) =>
    createTraining({
      backend,
      model: network,
      config: { loss: { kind: 'crossEntropy', classes: 3 } },
      training: { ...examples, target: Float32Array.of(0, 1) },
      initial,
    });
  const tensors = begin(model.weights).result();
  const predictions = createPredictor(backend, network, tensors).predict(examples);

  const { data, shape } = expectedOf('mamba2-untied/hidden');
  const weight = parameter(tensors, 'head.weight').data;
  const means = [0, 1].map((row) =>
    [0, 1, 2].map((output) => {
      let sum = 0;
      for (let i = 0; i < 11 * shape[2]; i++) {
        sum += (data[row * 11 * shape[2] + i] * weight[output * shape[2] + (i % shape[2])]) / 11;
      }
      return sum;
    }),
  );
  // The mean of hidden states to within 1e-5 each, weighted by 20 numbers below 0.23.
  expectClose('predictions', predictions, means.flat(), { absolute: 5e-5 });

  const written = writePretrained('transformers', { ...model, weights: tensors }, config);
  expect(readPretrained(written.config, [written.file])).toEqual(model);
  expect(() => begin(model.network.weights)).toThrow(
    'initial weights: head.weight must be float32 or float64 of shape (3',
  );
  expect(() => begin(new Map([['embedding', { shape: [1], data: Float32Array.of(0) }]]))).toThrow('got embedding');
});
