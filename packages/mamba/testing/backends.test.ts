import { expect, test } from 'vitest';
import { createBackend } from '../src/backend.ts';
import type { Kernels } from '../src/kernels.ts';
import { allocateParameters, initialise } from '../src/parameters.ts';
import type { Backend } from '../src/tape.ts';
import { createOptimiser } from '../src/train/optimiser.ts';
import { createShardRunner } from '../src/train/shards.ts';
import { openBackends, testedBackends } from './backends.ts';
import { expectClose } from './expectClose.ts';
import { smallConfig, smallExamples, smallModel } from './smallTask.ts';

/** Weights, and the loss of every step, after some steps of everything that a training does on a backend. */
async function takeSteps(backend: Backend<Kernels>, steps: number) {
  const model = smallModel();
  const gradients = allocateParameters(backend, model.parameters);
  const weights = allocateParameters(backend, model.parameters, gradients);
  initialise(backend, model.parameters, weights.tensors, 1);
  const optimiser = createOptimiser(backend, model.parameters, weights, smallConfig);
  const rows = 30;
  const source = smallExamples('steps', 50);
  const runner = createShardRunner(backend, model, weights, source, 'huber');
  const order = Uint32Array.from({ length: rows }, (_, r) => (7 * r) % 50);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = runner.run({ order, from: 0, rows, answers: rows, step }, 0);
    losses.push((await backend.read(loss))[0]);
    optimiser.apply(gradients, step + 1, steps);
  }
  return { losses, weights: Array.from(await backend.read(weights.all)) };
}

test('every backend goes the definition’s steps: batches gathered, values hidden, gradients clipped', async () => {
  const expected = await takeSteps(createBackend('reference'), 6);
  expect(expected.losses[5]).toBeLessThan(expected.losses[0]);
  for (const backend of await openBackends(expect.getState().currentTestName ?? '')) {
    const found = await takeSteps(backend, 6);
    // Six steps of at most the learning rate, 0.01, whose direction float32 knows to some 1e-4 where a gradient is small.
    expectClose(`${backend.name} weights`, found.weights, expected.weights, { absolute: 1e-4 });
    expectClose(`${backend.name} losses`, found.losses, expected.losses, { relative: 1e-5 });
  }
});

test('a backend is spared the tests that it names, and no others', async () => {
  const [first, ...others] = testedBackends;
  const spared = [{ ...first, skip: [{ name: 'long scan', reason: 'made up' }] }, ...others];
  const namesFor = async (test: string) => (await openBackends(test, spared)).map(({ name }) => name);
  expect(await namesFor('ssd: a long scan')).toEqual(others.map(({ name }) => name));
  expect(await namesFor('ssd')).toEqual(testedBackends.map(({ name }) => name));
});

test('a backend that is waited for gives what was written, copied and computed, in that order', async () => {
  for (const backend of await openBackends(expect.getState().currentTestName ?? '')) {
    const [x, y] = [backend.arena.allocate([2, 2]), backend.arena.allocate([2, 2])];
    backend.write(x, [1, 2, 3, 4]);
    backend.copy(x, y);
    backend.kernels.adamW.add(x, y);
    backend.write(x, [0, 0, 0, 0]);
    expect(Array.from(await backend.read(y)), backend.name).toEqual([2, 4, 6, 8]);
    expect(Array.from(await backend.read(x)), backend.name).toEqual([0, 0, 0, 0]);
  }
});

// What is spared stands in every report of the tests.
for (const { name, skip } of testedBackends) {
  for (const { name: spared, reason } of skip) test.skip(`${name} is spared "${spared}": ${reason}`, () => {});
}
