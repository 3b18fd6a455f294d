import { afterEach, expect, test } from 'vitest';
import type { MadeTask } from '../../testing/madeTasks.ts';
import { startTaskThread, type TaskThread } from './taskThread.ts';

type MadeThread = TaskThread<MadeTask, string, string, unknown>;
let threads: MadeThread[] = [];

function start(): MadeThread {
  const module = new URL('../../testing/madeTasks.ts', import.meta.url);
  const thread = startTaskThread<string, MadeTask, string, string, unknown>({
    module,
    data: 'made',
    onDeath: (reason) => ({ died: reason }),
  });
  threads.push(thread);
  return thread;
}

const silent = () => {
  throw new Error('nothing is asked');
};

afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.dispose()));
  threads = [];
});

test('does one task after the other, and asks on its way', async () => {
  const thread = start();
  expect(await thread.run('answer', silent)).toBe('made: answer');
  expect(await thread.run('ask', (question) => `${question} then`)).toBe('made: what then');
});

test.each([
  ['throw', 'RangeError: thrown'],
  ['exit', 'its thread ended with status 3'],
] as const)('that dies of "%s" ends that task and no other', async (task, died) => {
  const thread = start();
  // One after the other without a pause, so that the next runs when the end of the dead thread is heard.
  expect(await thread.run(task, silent)).toEqual({ died });
  expect(await thread.run('answer', silent)).toBe('made: answer');
  expect(await thread.run(task, silent)).toEqual({ died });
});

test('a question that cannot be answered fails the task that asked, and no other', async () => {
  const thread = start();
  await expect(thread.run('ask', silent)).rejects.toThrow('nothing is asked');
  expect(await thread.run('answer', silent)).toBe('made: answer');
});

test('a task for which nobody waits any longer is ended by dispose, and so is every later one', async () => {
  const thread = start();
  const task = thread.run('for ever', silent);
  await Promise.all([expect(task).rejects.toThrow('the thread has ended'), thread.dispose()]);
  await expect(thread.run('answer', silent)).rejects.toThrow('the thread has ended');
});
