import { Worker } from 'node:worker_threads';
import { runTrial, type TrialData, type TrialMessage, type TrialTask } from './trialRunner.ts';

/** Runs trials one after the other on a thread of its own, so that one that breaks its thread breaks nothing else. */
export interface TrialThread {
  /** `onStep` decides whether the trial goes on. Resolves with how it ended; a thread that dies fails the trial. */
  run(task: TrialTask, onStep: (step: number, error: number) => Promise<boolean>): Promise<TrialMessage>;
  /** Ends the thread and the trial on it. */
  dispose(): Promise<void>;
}

export function startTrialThread(data: TrialData): TrialThread {
  let worker: Worker | null = null;

  const start = (): Worker => {
    worker ??= new Worker(new URL('trialRunner.ts', import.meta.url), { workerData: { trialData: data } });
    return worker;
  };

  return {
    run(task, onStep) {
      const thread = start();
      return new Promise((resolve, reject) => {
        const settle = (message: TrialMessage): void => {
          thread.removeAllListeners();
          resolve(message);
        };
        const abandon = (reason: string): void => {
          worker = null;
          settle({ kind: 'failed', reason });
        };
        thread.on('error', (error: Error) => abandon(`${error.name}: ${error.message}`));
        thread.on('exit', (code) => abandon(`the trial's thread ended with status ${code}`));
        thread.on('message', (message: TrialMessage) => {
          if (message.kind === 'step') {
            onStep(message.step, message.error).then((goOn) => thread.postMessage(goOn), reject);
          } else settle(message);
        });
        thread.postMessage(task);
      });
    },
    async dispose() {
      worker?.removeAllListeners();
      await worker?.terminate();
      worker = null;
    },
  };
}

/** Runs trials on the calling thread and as many more as are given: any number gives the same results. */
export function runTrialsHere(data: TrialData, threads: number): TrialThread {
  return {
    run: (task, onStep) => runTrial(data, task, onStep, threads),
    dispose: async () => {},
  };
}
