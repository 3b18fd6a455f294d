import type { Batch } from '../train/shards.ts';
import { type Assignment, Control } from './assignment.ts';
import { spawnWorker, type WorkerHandle } from './worker.ts';

/** Worker threads that take their shards of every batch. */
export interface Crew {
  /** Hands out a batch; its order must lie in the shared order already. */
  begin(batch: Omit<Batch, 'order'>): void;
  /** Resolves when the workers' gradients and losses are there. */
  finish(): Promise<void>;
  /** Ends the workers; no handle stays open. */
  dispose(): Promise<void>;
}

/** How long a silent crew is waited for before its health is asked again. */
const patienceMilliseconds = 1000;

/** Starts a worker for each assignment. */
export function startCrew(assignments: readonly Assignment[], control: Int32Array): Crew {
  let failure: unknown = null;
  const fail = (error: unknown): void => {
    failure ??= error;
    Atomics.store(control, Control.failed, 1);
    Atomics.notify(control, Control.done);
  };
  const workers: WorkerHandle[] = assignments.map((assignment) => spawnWorker(assignment, fail));

  function signal(): void {
    Atomics.add(control, Control.generation, 1);
    Atomics.notify(control, Control.generation);
  }

  return {
    begin({ from, rows, answers, step }) {
      Atomics.store(control, Control.done, 0);
      control[Control.from] = from;
      control[Control.rows] = rows;
      control[Control.answers] = answers;
      control[Control.step] = step;
      signal();
    },
    async finish() {
      for (;;) {
        if (Atomics.load(control, Control.failed)) throw new Error('a training thread failed', { cause: failure });
        const done = Atomics.load(control, Control.done);
        if (done === workers.length) return;
        const wait = Atomics.waitAsync(control, Control.done, done, patienceMilliseconds);
        if (wait.async) await wait.value;
      }
    },
    async dispose() {
      Atomics.store(control, Control.stop, 1);
      signal();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
