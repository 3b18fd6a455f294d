import { runTrial, type TrialData, type TrialMessage, type TrialReport, type TrialTask } from '@hitscan/core/tune';
import { startTaskThread } from './taskThread.ts';

/** Runs trials one after the other. */
export interface TrialThread {
  /** `onReport` decides whether the trial goes on. Resolves with how it ended. */
  run(task: TrialTask, onReport: (report: TrialReport) => Promise<boolean>): Promise<TrialMessage>;
  /** Ends the trial under way. */
  dispose(): Promise<void>;
}

/** Runs trials on a thread of its own; one that dies fails its trial. */
export function startTrialThread(data: TrialData): TrialThread {
  return startTaskThread<TrialData, TrialTask, TrialReport, boolean, TrialMessage>({
    module: new URL('../../../core/src/tune/trialRunner.ts', import.meta.url),
    data,
    onDeath: (reason) => ({ kind: 'failed', reason }),
  });
}

/** Runs trials on the calling thread and as many more as are given: any number gives the same results. */
export function runTrialsHere(data: TrialData, threads: number): TrialThread {
  const controller = new AbortController();
  return {
    run: (task, onReport) => runTrial(data, task, onReport, { threads, signal: controller.signal }),
    async dispose() {
      controller.abort(new Error('the search has ended'));
    },
  };
}
