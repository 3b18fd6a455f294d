import type { WorkerMessage } from './workerMessage.ts';

/** A running worker thread. */
export interface WorkerHandle {
  terminate(): Promise<unknown>;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): Promise<unknown>;
  on(event: 'error' | 'messageerror', listen: (error: unknown) => void): void;
  on(event: 'exit', listen: (status: number) => void): void;
}

interface NodeThreads {
  readonly Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
  readonly parentPort: { once(event: 'message', listen: (message: unknown) => void): void } | null;
}

interface BrowserWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onerror: ((event: unknown) => void) | null;
  onmessageerror: ((event: unknown) => void) | null;
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (url: URL, options: { type: 'module' }) => BrowserWorker;
  onmessage?: ((event: { readonly data: unknown }) => void) | null;
}

const host = globalThis as unknown as Host;

/** Node's threads, asked for at run time so that browsers need no such module; undefined elsewhere. */
function findNodeThreads(): NodeThreads | undefined {
  return host.process?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined;
}

/** Starts a thread that runs shards until it is ended. `fail` hears of whatever it dies from, and of its end in any case. */
export function spawnWorker(message: WorkerMessage, fail: (error: unknown) => void): WorkerHandle {
  const threads = findNodeThreads();
  if (threads) {
    // Node's own options are the main thread's; some of them, such as --eval, no worker takes.
    const worker = new threads.Worker(new URL('./runShards.ts', import.meta.url), { execArgv: [] });
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (status) => fail(new Error(`it ended with status ${status}`)));
    worker.postMessage(message);
    return { terminate: () => worker.terminate() };
  }
  if (!host.Worker) throw new Error('threads: this host has no workers; use one thread');
  const worker = new host.Worker(new URL('./runShards.ts', import.meta.url), { type: 'module' });
  worker.onerror = fail;
  worker.onmessageerror = fail;
  worker.postMessage(message);
  return {
    async terminate() {
      worker.terminate();
    },
  };
}

/** In a worker: calls `run` with the message that it was started with. */
export function receiveMessage(run: (message: WorkerMessage) => void): void {
  const port = findNodeThreads()?.parentPort;
  if (port) port.once('message', (message) => run(message as WorkerMessage));
  else host.onmessage = ({ data }) => run(data as WorkerMessage);
}
