import { closeSync, lstatSync, openSync, symlinkSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const longestWaitMs = 100;

/**
 * Takes the lock by which Optuna's processes take turns in appending to a journal: a symbolic link named `<journal>.lock`;
 * a file of that name where links are not to be had, as on Windows. Both exclude each other. A lock that has been the same
 * one for `graceMs` belongs to a process that died, and is taken away. Gives the function that releases it.
 */
export async function lockJournal(path: string, graceMs: number): Promise<() => void> {
  const lock = `${path}.lock`;
  let seen = '';
  let seenAt = performance.now();
  for (let waitMs = 1; !takeLock(path, lock); waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    const identity = identifyLock(lock);
    if (identity !== seen) {
      seen = identity;
      seenAt = performance.now();
    } else if (performance.now() - seenAt > graceMs) {
      removeLock(lock);
      continue;
    }
    await wait(waitMs);
  }
  return () => removeLock(lock);
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
