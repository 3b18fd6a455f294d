import { type ContestData, type FitResult, type FitTask, type FitThread, fitPart } from '@hitscan/core/evaluate';
import { serveTasks, startTaskThread } from './taskThread.ts';

/** Fits contestants on a thread of its own, one after the other; a thread that dies fails its fit. */
export function startFitThread(data: ContestData): FitThread {
  const thread = startTaskThread<ContestData, FitTask, never, never, FitResult>({
    module: new URL(import.meta.url),
    data,
    onDeath: (reason) => ({ kind: 'failed', reason }),
  });
  return { run: (task) => thread.run(task, (question) => question), dispose: thread.dispose };
}

serveTasks<ContestData, FitTask, never, never, FitResult>(import.meta.url, fitPart);
