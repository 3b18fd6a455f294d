import {
  runTrial,
  type TrialData,
  type TrialMessage,
  type TrialReport,
  type TrialTask,
  type TrialThread,
} from '@hitscan/core/tune';
import { serveTasks, startTaskThread } from './taskThread.ts';

/** Runs trials on a thread of its own, one after the other; a thread that dies fails its trial. */
export function startTrialThread(data: TrialData): TrialThread {
  return startTaskThread<TrialData, TrialTask, TrialReport, boolean, TrialMessage>({
    module: new URL(import.meta.url),
    data,
    onDeath: (reason) => ({ kind: 'failed', reason }),
  });
}

serveTasks<TrialData, TrialTask, TrialReport, boolean, TrialMessage>(import.meta.url, (data, task, ask) =>
  runTrial(data, task, ask, { threads: 1 }),
);
