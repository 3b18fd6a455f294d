/** For tests: what a thread does that is to fail in every way. */
import { setTimeout as wait } from 'node:timers/promises';
import { serveTasks } from '../src/workers/taskThread.ts';

export type MadeTask = 'answer' | 'ask' | 'throw' | 'exit' | 'for ever';

serveTasks<string, MadeTask, string, string, unknown>(import.meta.url, async (data, task, ask) => {
  switch (task) {
    case 'answer':
      // Long enough for the end of the thread before to be heard.
      await wait(50);
      return `${data}: answer`;
    case 'ask':
      return `${data}: ${await ask('what')}`;
    case 'throw':
      throw new RangeError('thrown');
    case 'exit':
      return process.exit(3);
    case 'for ever':
      return new Promise(() => {});
  }
});
