import { Worker, type WorkerOptions } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bitsOf, smallConfig, smallExamples, smallModel, train } from '../../testing/smallTask.ts';
import { createBackend } from '../backend.ts';
import { createTraining, type Training } from '../train/train.ts';
import { Control } from './workerMessage.ts';

// Three shards of a batch, so that with three threads each has one; thousands of steps of a fraction of a millisecond.
const config = { ...smallConfig, batchRows: 70, epochs: 1000 };
const examples = smallExamples('pool', 200);

let opened: { dispose(): Promise<unknown> }[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.map((each) => each.dispose()));
  opened = [];
});

function start(threads: number, epochs = config.epochs): Training {
  const options = { backend: createBackend('simd'), model: smallModel(), training: examples, threads };
  const training = createTraining({ ...options, config: { ...config, epochs } });
  opened.push(training);
  return training;
}

/** Notifies every word of a control block again and again, from a thread that has nothing to do with the training. */
async function startNoise(control: Int32Array, words: number): Promise<void> {
  const program = `
    const { workerData: { control, words } } = require('node:worker_threads');
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; ; i++) {
      Atomics.notify(control, i % words);
      // Of no fixed length, so that it meets every moment of a step.
      if (i % 7 === 0) Atomics.wait(pause, 0, 0, (i % 5) / 100);
    }`;
  const noise = new Worker(program, { eval: true, workerData: { control, words } });
  opened.push({ dispose: () => noise.terminate() });
  await new Promise((resolve) => noise.once('online', resolve));
}

/** Sends every notify of the training once more when it is too late, and finds the control block of its threads. */
function repeatNotifies(): { readonly control: Promise<Int32Array>; readonly repeated: () => number } {
  let repeated = 0;
  let found = (_: Int32Array) => {};
  const control = new Promise<Int32Array>((resolve) => {
    found = resolve;
  });
  const { notify } = Atomics;
  vi.spyOn(Atomics, 'notify').mockImplementation((array, index, count) => {
    found(array as unknown as Int32Array);
    queueMicrotask(() => {
      repeated++;
      notify(array as unknown as Int32Array, index);
    });
    return notify(array as unknown as Int32Array, index, count);
  });
  return { control, repeated: () => repeated };
}

describe.each([2, 3])('on %i threads', (threads) => {
  test('late and spurious notifies change no byte', async () => {
    const quiet = start(1);
    await train(quiet);
    const disturbed = start(threads);
    const { control, repeated } = repeatNotifies();
    const noisy = control.then((block) => startNoise(block, Control.finished + threads - 1));
    await train(disturbed);
    await noisy;
    expect(repeated()).toBeGreaterThanOrEqual(3000);
    expect(disturbed.history).toEqual(quiet.history);
    expect(bitsOf(disturbed.result())).toBe(bitsOf(quiet.result()));
  });
});

/** Lets the next training threads have these options, and hands them out. */
function watchWorkers(options: WorkerOptions = {}): Worker[] {
  const workers: Worker[] = [];
  class Watched extends Worker {
    constructor(url: string | URL, own?: WorkerOptions) {
      super(url, { ...own, ...options });
      workers.push(this);
    }
  }
  const threads = process.getBuiltinModule('node:worker_threads');
  threads.Worker = Watched;
  opened.push({
    async dispose() {
      threads.Worker = Worker;
    },
  });
  return workers;
}

describe('a training ends with an error', () => {
  test('when one of its threads ends', async () => {
    const workers = watchWorkers();
    const training = start(3);
    const ended = train(training, ({ step }) => {
      if (step === 50) workers[1].terminate();
      return false;
    });
    await expect(ended).rejects.toThrow('a training thread died: it ended with status 1');
    // Nor is it gone on with.
    await expect(train(training)).rejects.toThrow('a training thread died');
  });

  test('when one of its threads runs out of memory', async () => {
    watchWorkers({ resourceLimits: { maxOldGenerationSizeMb: 4, maxYoungGenerationSizeMb: 1 } });
    await expect(train(start(2))).rejects.toThrow(/a training thread died: .*memory limit/);
  });

  test('when it is disposed while it waits for its threads', async () => {
    const training = start(2);
    const step = training.run().next();
    await Promise.all([expect(step).rejects.toThrow('the training threads were ended'), training.dispose()]);
  });
});
