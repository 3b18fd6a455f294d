import { parentPort, Worker, workerData } from 'node:worker_threads';

/** Does tasks one after the other on a thread of its own, so that one that breaks its thread breaks nothing else. */
export interface TaskThread<Task, Question, Answer, Result> {
  /**
   * `onQuestion` answers what the task asks on its way. Where the thread dies, the result is what `onDeath` makes of the
   * reason.
   */
  run(task: Task, onQuestion: (question: Question) => Answer | Promise<Answer>): Promise<Result>;
  /** Ends the thread and the task on it, whose promise rejects, as those of later tasks do. */
  dispose(): Promise<void>;
}

type FromThread<Question, Result> =
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'result'; readonly result: Result };

type ToThread<Task, Answer> =
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'answer'; readonly answer: Answer };

/** A task under way, and the thread that does it. */
interface Current<Question, Answer, Result> {
  readonly thread: Worker;
  end(result: Result): void;
  fail(error: unknown): void;
  onQuestion(question: Question): Answer | Promise<Answer>;
}

export interface TaskThreadOptions<Data, Result> {
  /** A module that calls `serveTasks`. */
  readonly module: URL;
  /** What all tasks share, given to the module's `serveTasks`. */
  readonly data: Data;
  /** The result of a task whose thread died. */
  onDeath(reason: string): Result;
}

/** Starts a thread when its first task comes, and another after one has died. */
export function startTaskThread<Data, Task, Question, Answer, Result>({
  module,
  data,
  onDeath,
}: TaskThreadOptions<Data, Result>): TaskThread<Task, Question, Answer, Result> {
  let worker: Worker | null = null;
  let current: Current<Question, Answer, Result> | null = null;
  let disposed = false;

  const start = (): Worker => {
    const thread = new Worker(module, { workerData: { tasksOf: module.href, data } });
    /** Ends this thread's task; what is heard of a thread later than that is not of the task which is then under way. */
    const settle = (end: (task: Current<Question, Answer, Result>) => void): void => {
      if (current?.thread !== thread) return;
      const task = current;
      current = null;
      end(task);
    };
    /** The next task gets a fresh thread. */
    const leave = (): void => {
      if (worker === thread) worker = null;
    };
    const abandon = (reason: string): void => {
      leave();
      settle(({ end }) => end(onDeath(reason)));
    };
    thread.on('error', (error: Error) => abandon(`${error.name}: ${error.message}`));
    thread.on('messageerror', (error: Error) => {
      abandon(`${error.name}: ${error.message}`);
      thread.terminate();
    });
    thread.on('exit', (code) => abandon(`its thread ended with status ${code}`));
    thread.on('message', async (message: FromThread<Question, Result>) => {
      if (message.kind === 'result') return settle(({ end }) => end(message.result));
      if (current?.thread !== thread) return;
      try {
        const answer = await current.onQuestion(message.question);
        thread.postMessage({ kind: 'answer', answer } satisfies ToThread<Task, Answer>);
      } catch (error) {
        leave();
        settle(({ fail }) => fail(error));
        // It waits for an answer that will not come.
        thread.terminate();
      }
    });
    return thread;
  };

  return {
    run(task, onQuestion) {
      return new Promise<Result>((end, fail) => {
        if (disposed) throw new Error('the thread has ended');
        worker ??= start();
        worker.postMessage({ kind: 'task', task } satisfies ToThread<Task, Answer>);
        current = { thread: worker, end, fail, onQuestion };
      });
    },
    async dispose() {
      disposed = true;
      const thread = worker;
      worker = null;
      current?.fail(new Error('the thread has ended'));
      current = null;
      await thread?.terminate();
    },
  };
}

/**
 * The other side: `work` does a task, and may ask questions on its way. To be called at the end of the module that the thread
 * was started with; where that module is merely imported, it does nothing.
 */
export function serveTasks<Data, Task, Question, Answer, Result>(
  module: string,
  work: (data: Data, task: Task, ask: (question: Question) => Promise<Answer>) => Promise<Result>,
): void {
  const port = parentPort;
  if (!port || workerData?.tasksOf !== module) return;
  const { data } = workerData as { readonly data: Data };
  const send = (message: FromThread<Question, Result>) => port.postMessage(message);
  let answered: (answer: Answer) => void = () => {};
  const ask = (question: Question): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve) => {
      answered = resolve;
    });
    send({ kind: 'question', question });
    return answer;
  };
  port.on('messageerror', (error) => {
    throw error;
  });
  port.on('message', async (message: ToThread<Task, Answer>) => {
    if (message.kind === 'answer') answered(message.answer);
    else send({ kind: 'result', result: await work(data, message.task, ask) });
  });
}
