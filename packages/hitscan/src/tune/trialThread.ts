import { Worker } from 'node:worker_threads';
import { runTrial, type TrialData, type TrialMessage, type TrialTask } from './trialRunner.ts';

/** Runs trials one after the other on a thread of its own, so that one that breaks its thread breaks nothing else. */
export interface TrialThread {
  /** `onStep` decides whether the trial goes on. Resolves with how it ended; a thread that dies fails the trial. */
  run(task: TrialTask, onStep: (step: number, error: number) => Promise<boolean>): Promise<TrialMessage>;
  /** Ends the thread and the trial on it. */
  dispose(): Promise<void>;
}

/** A trial under way on a thread. */
interface Current {
  end(message: TrialMessage): void;
  fail(error: unknown): void;
  onStep(step: number, error: number): Promise<boolean>;
}

export function startTrialThread(data: TrialData): TrialThread {
  let worker: Worker | null = null;
  let current: Current | null = null;

  const start = (): Worker => {
    const thread = new Worker(new URL('trialRunner.ts', import.meta.url), { workerData: { trialData: data } });
    const abandon = (reason: string): void => {
      // The next trial gets a fresh one.
      if (worker === thread) worker = null;
      current?.end({ kind: 'failed', reason });
    };
    thread.on('error', (error: Error) => abandon(`${error.name}: ${error.message}`));
    thread.on('exit', (code) => abandon(`the trial's thread ended with status ${code}`));
    thread.on('message', (message: TrialMessage) => {
      if (message.kind !== 'step') current?.end(message);
      else current?.onStep(message.step, message.error).then((goOn) => thread.postMessage(goOn), current.fail);
    });
    return thread;
  };

  return {
    run(task, onStep) {
      worker ??= start();
      worker.postMessage(task);
      return new Promise<TrialMessage>((end, fail) => {
        current = { end, fail, onStep };
      });
    },
    async dispose() {
      const thread = worker;
      worker = null;
      await thread?.terminate();
    },
  };
}

/** Runs trials on the calling thread and as many more as are given: any number gives the same results. */
export function runTrialsHere(data: TrialData, threads: number): TrialThread {
  const controller = new AbortController();
  return {
    run: (task, onStep) => runTrial(data, task, onStep, { threads, signal: controller.signal }),
    async dispose() {
      controller.abort(new Error('the search has ended'));
    },
  };
}
