import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Json } from './trial.ts';

/** The system attribute in which a trial remembers the process that runs it. */
export const workerAttribute = 'hitscan:worker';

/** What tells a process from all others, on this machine and elsewhere. Null where the system does not say. */
export interface Worker {
  /** The machine, beyond its name: containers and clones may share that. */
  readonly machine: string;
  /** Changes with every start of the machine. */
  readonly boot: string | null;
  /** Process numbers mean something within it alone. */
  readonly namespace: string | null;
  readonly pid: number;
  /** In ticks since the machine's start: tells a process from a later one with the same number. */
  readonly started: string | null;
}

/** The process that calls. */
export function identifyWorker(): Worker {
  return {
    machine: `${hostname()} ${hashMachine()}`,
    boot: readSystem(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: readSystem(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    started: readStart(process.pid),
  };
}

/** The machine's own number is not to be shown; a hash tells it from others as well. */
function hashMachine(): string {
  const machine = readSystem(() => readFileSync('/etc/machine-id', 'utf8')) ?? '';
  return createHash('sha256').update(`hitscan ${machine}`).digest('hex').slice(0, 16);
}

/**
 * Whether the process that a trial remembers has certainly ended. A process on another machine, in another container, or of
 * another program than hitscan counts as living, since nothing can be known of it from here.
 */
export function hasEnded(remembered: Json | undefined, here: Worker): boolean {
  if (typeof remembered !== 'object' || remembered === null) return false;
  const { machine, boot, namespace, pid, started } = remembered as unknown as Worker;
  if (machine !== here.machine) return false;
  if (boot !== here.boot) return true;
  if (namespace !== here.namespace) return false;
  return !isRunning(pid) || readStart(pid) !== started;
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks without sending anything.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be signalled, which shows that it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux alone says when another process began, and whether it has ended without being missed yet. */
function readStart(pid: number): string | null {
  const status = readSystem(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name comes before, in brackets, and may hold anything.
  const [state, ...fields] = status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
}

function readSystem(read: () => string): string | null {
  try {
    return read().trim();
  } catch {
    return null;
  }
}
