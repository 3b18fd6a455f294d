import { closeSync, lstatSync, openSync, symlinkSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatWait, type Notify, tellOfWait } from '@hitscan/core/tune';
import { explainFileErrors } from './storageFile.ts';

const longestWaitMs = 100;

export interface LockOptions {
  /** How long a lock may stay the same before its holder counts as dead. */
  readonly graceMs: number;
  readonly notify: Notify;
}

/**
 * Works under the lock by which Optuna's processes take turns in appending to a journal: a symbolic link named
 * `<journal>.lock`; a file of that name where links are not to be had, as on Windows. Both exclude each other. A lock that
 * has been the same one for `graceMs` belongs to a process that died, and is taken away.
 */
export async function lockJournal(path: string, { graceMs, notify }: LockOptions, work: () => void): Promise<void> {
  const lock = `${path}.lock`;
  const line = `Waiting for ${lock}, by which another process holds the journal; one that stays the same for ${formatWait(graceMs)} is taken away.`;
  const own = await tellOfWait(holdLock(path, lock, graceMs), { notify, line });
  explainFileErrors(path, () => {
    try {
      work();
    } finally {
      // Whoever was stopped for longer than the grace while it worked has lost it to somebody who may be at work now.
      if (identifyLock(lock) === own) removeLock(lock);
    }
  });
}

/** Gives the identity of the lock that it took. */
async function holdLock(path: string, lock: string, graceMs: number): Promise<string> {
  let seen = '';
  let seenAt = performance.now();
  for (let waitMs = 1; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    if (explainFileErrors(path, () => takeLock(path, lock))) return identifyLock(lock);
    const identity = identifyLock(lock);
    if (identity !== seen) {
      seen = identity;
      seenAt = performance.now();
    } else if (performance.now() - seenAt > graceMs) {
      explainFileErrors(lock, () => removeLock(lock));
      continue;
    }
    await wait(waitMs);
  }
}

function takeLock(path: string, lock: string): boolean {
  try {
    // To Optuna it must lead somewhere from any folder: it looks at the target's time.
    symlinkSync(resolve(path), lock);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
  }
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Tells one taking of the lock from the next; empty where nobody holds it any more. */
function identifyLock(lock: string): string {
  const stats = lstatSync(lock, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.ctimeNs}` : '';
}

function removeLock(lock: string): void {
  try {
    unlinkSync(lock);
  } catch (error) {
    // Somebody found it too old and took it away; what was written stands all the same.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
