import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A peer in a process of its own: for each row's name that it reads, it answers with one figure. */
export interface Peer {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The rows it can measure, each with its network's parameters; null where there is no network. */
  readonly rows: Readonly<Record<string, number | null>>;
  /** One round, in the row's unit. The first prepares: it compiles and warms up. Rejects with the reason in one line. */
  ask(row: string): Promise<number>;
  stop(): void;
}

interface Greeting {
  readonly peer: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, number | null>>;
}

interface Answer {
  readonly value?: number;
  readonly error?: string;
}

/** The longest that a peer may take to start or to answer; a row's first answer compiles. */
const patienceMs = 90_000;

/** The last line that names an error, else the last line. */
function findReason(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.findLast((line) => /\w*Error\b.*: /.test(line)) ?? lines[lines.length - 1]).trim();
}

/** Reads a process's standard output line by line; rejects when it ends or takes too long, and ends it then. */
function readLines(child: ChildProcessWithoutNullStreams): () => Promise<string> {
  let stderr = '';
  let failure: string | null = null;
  let waiting: { resolve(line: string): void; reject(reason: Error): void } | null = null;
  const lines: string[] = [];
  const fail = (reason: string) => {
    failure ??= reason;
    waiting?.reject(new Error(failure));
  };
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-4000);
  });
  // A peer that ended reads no more.
  child.stdin.on('error', () => {});
  child.on('error', (error) => fail(error.message));
  child.on('close', (status) => fail(findReason(stderr) || `ended with status ${status}`));
  createInterface(child.stdout).on('line', (line) => {
    if (waiting) waiting.resolve(line);
    else lines.push(line);
  });
  return async () => {
    const line = lines.shift();
    if (line !== undefined) return line;
    if (failure) throw new Error(failure);
    const tooLong = setTimeout(() => {
      fail(`took more than ${patienceMs / 1000} s`);
      child.kill('SIGKILL');
    }, patienceMs);
    try {
      return await new Promise<string>((resolve, reject) => {
        waiting = { resolve, reject };
      });
    } finally {
      waiting = null;
      clearTimeout(tooLong);
    }
  };
}

/** Starts a peer. Rejects with the reason in one line when it cannot. */
export async function startPeer(command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: 'pipe' });
  const readLine = readLines(child);
  const { peer, versions, rows }: Greeting = JSON.parse(await readLine());
  return {
    name: peer,
    versions,
    rows,
    async ask(row) {
      child.stdin.write(`${row}\n`);
      const { value, error }: Answer = JSON.parse(await readLine());
      if (value === undefined) throw new Error(error);
      return value;
    },
    stop() {
      child.kill();
    },
  };
}
