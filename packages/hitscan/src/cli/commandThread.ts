/**
 * A command works on a thread of its own, and the main thread does nothing but listen: Node hands signals to the main thread's
 * event loop and to no other, so a command that worked there could not be interrupted while a long computation, or a file that does
 * not answer, blocks it.
 */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { CommandNotice } from './interrupt.ts';

/** npm passes a signal on that the terminal has already sent, so a second one counts only after this. */
const echoMilliseconds = 1000;
/** How long a command may take to save itself after a signal; it and what follows take less than 5 s. */
const savingMilliseconds = 3500;
/** A thread that waits for the system, for a file that does not answer say, cannot be ended within any time. */
const endingMilliseconds = 1000;

const interrupted = 130;

/** What the thread is given of the terminal on standard error, which it cannot ask: its columns, 0 where there is none. */
interface CommandData {
  readonly columns: Int32Array;
}

/** Standard error as a command sees it. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY: boolean;
  readonly columns: number;
}

export function openTerminal(): Terminal {
  const shared = isMainThread ? null : (workerData as CommandData | null)?.columns;
  const columns = () => shared?.[0] ?? (process.stderr.isTTY ? process.stderr.columns : 0);
  return {
    write: (text) => process.stderr.write(text),
    get isTTY() {
      return columns() > 0;
    },
    get columns() {
      return columns();
    },
  };
}

function shareColumns(): Int32Array {
  const columns = new Int32Array(new SharedArrayBuffer(4));
  const { stderr } = process;
  const measure = () => {
    columns[0] = stderr.columns;
  };
  if (stderr.isTTY) {
    measure();
    stderr.on('resize', measure);
  }
  return columns;
}

/** Ends the process, whatever its threads are at. */
async function endProcess(thread: Worker): Promise<void> {
  const ended = await Promise.race([thread.terminate(), wait(endingMilliseconds, 'stuck')]);
  if (ended !== 'stuck') process.exit(interrupted);
  // `exit` would wait for the thread. The system's own way to die of Ctrl-C does not, and is 130 to a shell as well.
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

/**
 * Runs the command that this process was started for on a thread of its own, and resolves with the status it ends with. At Ctrl-C
 * (SIGINT) or SIGTERM the command is told to save itself; one that has nothing to save, or does not come to an end in time, is
 * ended with 130, and so is every one at a second signal. Rejects with what the thread dies from.
 */
export function runOnThread(program: URL): Promise<number> {
  const columns = shareColumns();
  const data: CommandData = { columns };
  const thread = new Worker(program, { argv: process.argv.slice(2), workerData: data });
  let notice: CommandNotice = { listens: false, resume: null };
  let first: number | null = null;
  const end = (said: string) => {
    const { resume } = notice;
    const goOn = resume === null ? '' : `; go on with: ${resume}`;
    const clear = columns[0] > 0 ? '\r\u001b[K' : '';
    writeSync(2, `${clear}hitscan: ${said}${goOn}\n`);
    endProcess(thread);
  };
  const stop = () => {
    if (first !== null && performance.now() - first < echoMilliseconds) return;
    if (first !== null) return end('interrupted twice, so ended at once');
    first = performance.now();
    if (!notice.listens) return end('interrupted');
    thread.postMessage('interrupt');
    const seconds = savingMilliseconds / 1000;
    setTimeout(end, savingMilliseconds, `interrupted, and still at work after ${seconds} s, so ended`).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    thread.on('message', (message: CommandNotice) => {
      notice = message;
    });
    thread.on('error', reject);
    thread.on('exit', resolve);
  });
}
