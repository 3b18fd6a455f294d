import { describe, expect, test } from 'vitest';
import { createBackend } from '../backend.ts';
import type { Model } from '../blocks/model.ts';
import { tokenNetwork } from '../blocks/tokenNetwork.ts';
import { vectorNetwork } from '../blocks/vectorNetwork.ts';
import { allocateParameters } from '../parameters.ts';
import type { Examples } from './examples.ts';
import { measureMemory } from './memory.ts';
import { createPredictor } from './predict.ts';
import { createTraining } from './train.ts';

const rows = 70;
const loss = 'meanSquaredError';

function makeTokens(change: object): Model {
  return tokenNetwork({
    dModel: 8,
    dState: 4,
    dConv: 4,
    expand: 2,
    layers: 1,
    edges: Array.from({ length: 5 }, () => [-1, 0, 1]),
    categories: [2, 3],
    dropout: 0.1,
    hidden: 0.1,
    seed: 1,
    ...change,
  });
}

function makeExamples({ inputs }: Model, rows: number): Examples {
  return {
    rows,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, width]) => [name, new Float32Array(rows * width)])),
    target: new Float32Array(rows).fill(1),
  };
}

const models: readonly (readonly [string, Model])[] = [
  ['tokens', makeTokens({})],
  ['many blocks', makeTokens({ layers: 12, dState: 32 })],
  ['wide', makeTokens({ dModel: 64, expand: 4, summary: true })],
  ['both directions and a token more', makeTokens({ bidirectional: true, pooling: 'cls', layers: 2 })],
  ['a vector', vectorNetwork({ dModel: 13, dState: 16, dConv: 4, expand: 2, outputScale: 100 })],
];

describe.each(['simd', 'reference'] as const)('on the backend %s', (name) => {
  const threadNumbers = name === 'simd' ? [1, 3] : [1];

  test.each(models.flatMap(([what, model]) => threadNumbers.map((threads) => [what, threads, model] as const)))(
    'a training takes what was measured: %s, threads: %i',
    async (_, threads, model) => {
      const backend = createBackend(name);
      const before = backend.arena.used;
      const config = { loss, epochs: 1, batchRows: 32 } as const;
      const examples = makeExamples(model, rows);
      const training = createTraining({ backend, model, config, training: examples, validation: examples, threads });
      for await (const _step of training.run());
      await training.dispose();
      const taken = backend.arena.used - before;
      const measured = measureMemory(model, { backend: name, rows, batchRows: 32, loss, threads, networks: 1 });
      expect(measured.training).toBeGreaterThanOrEqual(taken);
      expect(measured.training).toBeLessThanOrEqual(1.05 * taken);
    },
  );
});

test.each(models)('an ensemble that predicts takes what was measured: %s', (_, model) => {
  const backend = createBackend('simd');
  const before = backend.arena.used;
  const one = makeExamples(model, 1);
  for (let network = 0; network < 2; network++) {
    const predictor = createPredictor(backend, model, allocateParameters(backend, model.parameters).tensors);
    for (const examples of [makeExamples(model, 2), one]) predictor.predict(examples);
    if (model.parts) predictor.attribute(one, { baseline: one, maximumPoints: 1 });
  }
  const taken = backend.arena.used - before;
  const measured = measureMemory(model, { backend: 'simd', rows, batchRows: 32, loss, threads: 1, networks: 2 });
  expect(measured.prediction).toBeGreaterThanOrEqual(taken);
  expect(measured.prediction).toBeLessThanOrEqual(1.05 * taken);
});

test('a model of any size is measured without memory for it', () => {
  const huge = makeTokens({ dModel: 4096, layers: 256, expand: 16, dState: 256 });
  const { training, limit } = measureMemory(huge, {
    backend: 'simd',
    rows: 1e7,
    batchRows: 1e6,
    loss,
    threads: 64,
    networks: 64,
  });
  expect(limit).toBeLessThan(2 ** 32);
  // Of the parameters alone there are 258·10⁹, six times.
  expect(training).toBeGreaterThan(6 * 4 * 2e11);
});
