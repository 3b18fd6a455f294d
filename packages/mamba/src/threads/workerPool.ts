import type { Batch } from '../train/shards.ts';
import { spawnWorker, type WorkerHandle } from './worker.ts';
import { Control, type WorkerMessage } from './workerMessage.ts';

/** Worker threads that take their shards of every batch. */
export interface WorkerPool {
  /**
   * Hands out a batch, whose order must lie in the shared order already, and takes the caller's own share meanwhile. Resolves
   * when the workers' gradients and losses are there. Rejects when a worker has died, or `dispose` is called.
   */
  share(batch: Omit<Batch, 'order'>, takeOwn: () => void): Promise<void>;
  /** Ends the workers, and whatever waits for them; no handle stays open. */
  dispose(): Promise<void>;
}

/** Starts a worker for each message. */
export function createWorkerPool(messages: readonly WorkerMessage[], control: Int32Array): WorkerPool {
  let failure: Error | null = null;
  const fail = (error: Error): void => {
    failure ??= error;
    // Whichever worker is waited for, it may never come.
    for (const i of messages.keys()) Atomics.notify(control, Control.finished + i);
  };
  const workers: WorkerHandle[] = messages.map((message) =>
    spawnWorker(message, (reason) =>
      fail(new Error(`a training thread died: ${(reason as Error)?.message ?? reason}`, { cause: reason })),
    ),
  );

  function hand({ from, rows, answers, step }: Omit<Batch, 'order'>): void {
    control[Control.from] = from;
    control[Control.rows] = rows;
    control[Control.answers] = answers;
    control[Control.step] = step;
    signal();
  }

  function signal(): void {
    Atomics.add(control, Control.generation, 1);
    Atomics.notify(control, Control.generation);
  }

  /** Resolves when every worker has finished this very generation. */
  async function awaitAll(): Promise<void> {
    const generation = Atomics.load(control, Control.generation);
    for (const i of workers.keys()) {
      for (;;) {
        if (failure) throw failure;
        const finished = Atomics.load(control, Control.finished + i);
        if (finished === generation) break;
        // What a worker dies of is told on this thread, so never between the look at `failure` and the wait.
        const wait = Atomics.waitAsync(control, Control.finished + i, finished);
        if (wait.async) await wait.value;
      }
    }
  }

  return {
    async share(batch, takeOwn) {
      if (failure) throw failure;
      hand(batch);
      try {
        takeOwn();
      } finally {
        // Whatever became of the own share, no worker may be left in the midst of a batch when the next is handed out.
        await awaitAll();
      }
    },
    async dispose() {
      fail(new Error('the training threads were ended'));
      Atomics.store(control, Control.stop, 1);
      signal();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
