import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LineAnswer, LineRequest } from './lineServer.ts';

const server = fileURLToPath(new URL('./lineServer.ts', import.meta.url));

/** How a command line ended: with a status, by not ending in time, or by taking its process with it. */
export type LineOutcome = LineAnswer & { readonly ended: 'normally' | 'never' | 'with its process' };

/** Lines that one process runs before it makes way for a new one: what one line leaves in memory is not held against another. */
const linesPerProcess = 100;

/** Runs command lines one after the other in a process that is kept. */
export interface LineRunner {
  run(request: LineRequest): Promise<LineOutcome>;
  dispose(): void;
}

/** `seconds`: how long a line may take. */
export function createLineRunner(seconds: number): LineRunner {
  let child: ChildProcess | null = null;
  let lines = 0;

  function replace(): void {
    child?.kill('SIGKILL');
    child = null;
  }

  return {
    run(request) {
      if (lines++ % linesPerProcess === 0) replace();
      child ??= fork(server, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { ...process.env, NO_COLOR: '1' } });
      const process_ = child;
      return new Promise((resolve) => {
        const finish = (outcome: LineOutcome): void => {
          clearTimeout(timer);
          process_.removeAllListeners('message');
          process_.removeAllListeners('exit');
          if (outcome.ended !== 'normally') replace();
          resolve(outcome);
        };
        const nothing = { status: -1, stdout: '', stderr: '' };
        const timer = setTimeout(() => finish({ ...nothing, ended: 'never' }), seconds * 1000);
        process_.once('message', (answer) => finish({ ...(answer as LineAnswer), ended: 'normally' }));
        process_.once('exit', () => finish({ ...nothing, ended: 'with its process' }));
        process_.send(request);
      });
    },
    dispose: replace,
  };
}
