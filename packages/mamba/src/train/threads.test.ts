import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import {
  bitsOf,
  everyLoss,
  smallConfig,
  smallExamples,
  smallModel,
  smallSequenceModel,
  smallSequences,
  suitTarget,
  train,
} from '../../testing/smallTask.ts';
import { type BackendName, createBackend } from '../backend.ts';
import { predictionColumns } from '../ops/losses.ts';
import { createTraining, type Training, type TrainingOptions, type TrainingState } from './train.ts';

// Batches of 70 rows: two shards of 32 and one of 6; the last batch of an epoch has 60.
const examples = smallExamples('threads', 200);
const validation = smallExamples('threads validation', 40);
const config = { ...smallConfig, batchRows: 70 };

let running: Training[] = [];

function start(threads: number, resume: TrainingState | null = null, backend: BackendName = 'relaxed'): Training {
  const model = smallModel();
  const options = { backend: createBackend(backend), model, config, training: examples, validation, resume, threads };
  const training = createTraining(options);
  running.push(training);
  return training;
}

afterEach(async () => {
  await Promise.all(running.map((training) => training.dispose()));
  running = [];
});

describe.each(['simd', 'relaxed'] as const)('on %s, threads', (backend) => {
  test('give the same bytes, however many there are', async () => {
    const results: string[] = [];
    for (const threads of [1, 2, 3, 8]) {
      const training = start(threads, null, backend);
      await train(training);
      results.push(`${bitsOf(training.result())}\n${JSON.stringify(training.history)}`);
    }
    expect(new Set(results).size).toBe(1);
  });
});

/** The bytes that each number of threads gives. */
async function outcomes(options: Omit<TrainingOptions, 'backend'>): Promise<Set<string>> {
  const results = new Set<string>();
  for (const threads of [1, 3]) {
    const training = createTraining({ backend: createBackend('simd'), ...options, threads });
    running.push(training);
    await train(training);
    results.add(`${bitsOf(training.result())}\n${JSON.stringify(training.history)}`);
  }
  return results;
}

describe('threads give the same bytes', () => {
  test.each(everyLoss)('with the loss %o', async (loss) => {
    const options = { config: { ...config, epochs: 2, loss }, training: suitTarget(examples, loss) };
    expect((await outcomes({ ...options, model: smallModel(0.1, 1, predictionColumns(loss)) })).size).toBe(1);
  });

  test.each([false, true])('with a target for every position, bidirectional: %o', async (bidirectional) => {
    const loss = { kind: 'crossEntropy', classes: 3 } as const;
    const options = { config: { ...config, epochs: 2, loss }, training: smallSequences('threads', 100) };
    expect((await outcomes({ ...options, model: smallSequenceModel(bidirectional) })).size).toBe(1);
  });
});

test('a training begun on three threads goes on with two, bit for bit', async () => {
  const whole = start(1);
  await train(whole);
  const interrupted = start(3);
  await train(interrupted, ({ step }) => step === 5);
  const resumed = start(2, interrupted.state());
  await train(resumed);
  expect(bitsOf(resumed.result())).toBe(bitsOf(whole.result()));
});

test('refuse a backend and a model that other threads cannot have', async () => {
  await expect(train(start(2, null, 'reference'))).rejects.toThrow(/threads: expected the backend simd or relaxed/);
  const { definition: _, ...model } = smallModel();
  const lonely = createTraining({ backend: createBackend('simd'), model, config, training: examples, threads: 2 });
  await expect(train(lonely)).rejects.toThrow(/threads: expected a model with a definition/);
});

test('leave nothing behind that keeps the process alive', async () => {
  const module = (name: string) => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
  const program = `
    const { createBackend } = await import(${module('../backend.ts')});
    const { createTraining } = await import(${module('./train.ts')});
    const { smallConfig, smallExamples, smallModel } = await import(${module('../../testing/smallTask.ts')});
    const options = { backend: createBackend('simd'), model: smallModel(), threads: 3, config: { ...smallConfig, batchRows: 70 } };
    const training = createTraining({ ...options, training: smallExamples('threads', 200) });
    for await (const { step } of training.run()) if (step === 3) break;
    await training.dispose();
    console.log('disposed');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
  });
  expect(stdout.trim()).toBe('disposed');
});
