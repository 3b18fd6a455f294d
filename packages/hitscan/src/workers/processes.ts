import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Json, Processes } from '@hitscan/core/tune';

/** What tells a process from all others, on this machine and elsewhere. Null where the system does not say. */
interface ProcessIdentity {
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

/** This process, and how it is told from others. */
export function identifyProcess(): Processes {
  const own: ProcessIdentity = {
    machine: `${hostname()} ${hashMachine()}`,
    boot: readSystem(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: readSystem(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    started: readStart(process.pid),
  };
  return { own: { ...own }, findOut: (remembered) => findOut(remembered, own) };
}

/** The machine's own number is not to be shown; a hash tells it from others as well. */
function hashMachine(): string {
  const machine = readSystem(() => readFileSync('/etc/machine-id', 'utf8')) ?? '';
  return createHash('sha256').update(`hitscan ${machine}`).digest('hex').slice(0, 16);
}

function findOut(remembered: Json | undefined, here: ProcessIdentity): ReturnType<Processes['findOut']> {
  if (typeof remembered !== 'object' || remembered === null) return 'unknown';
  const { machine, boot, namespace, pid, started } = remembered as unknown as ProcessIdentity;
  if (machine !== here.machine) return 'unknown';
  if (boot !== here.boot) return 'has ended';
  if (namespace !== here.namespace) return 'unknown';
  return isRunning(pid) && readStart(pid) === started ? 'runs' : 'has ended';
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
