import { parentPort } from 'node:worker_threads';
import { Interrupted } from '@hitscan/core/errors';

/** What a command at work tells the main thread, which hears the signals; see commandThread.ts. */
export interface CommandNotice {
  /** Whether it would stop by itself when told to. */
  readonly listens: boolean;
  /** The command line that goes on with its run, null where there is none. */
  readonly resume: string | null;
}

/**
 * A signal that aborts when the main thread passes an interruption on, so that the work can save itself first; `resumeBy` names the
 * command line that would go on with it. `release` says that there is no more to be saved. Without a main thread beside it, as
 * in tests, nothing is passed on.
 */
export function listenForInterrupt(): {
  readonly signal: AbortSignal;
  resumeBy(commandLine: string): void;
  release(): void;
} {
  const controller = new AbortController();
  const stop = () => controller.abort(new Interrupted('interrupted'));
  const tell = (notice: CommandNotice) => parentPort?.postMessage(notice);
  parentPort?.on('message', stop);
  // Whoever only listens does not keep the thread alive.
  parentPort?.unref();
  tell({ listens: true, resume: null });
  return {
    signal: controller.signal,
    resumeBy: (resume) => tell({ listens: true, resume }),
    release() {
      parentPort?.off('message', stop);
      tell({ listens: false, resume: null });
    },
  };
}
