import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, UserError } from '@hitscan/core/errors';

/**
 * Sees to it that a storage's file can be opened without a wait: it is a plain file, or there is none and its folder is made.
 * Throws: ConfigError.
 */
export function prepareStorageFile(path: string): Stats | null {
  return explainFileErrors(path, () => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) makeFolder(dirname(path));
    else if (!stats.isFile()) throw new ConfigError(path, `must be a file, is ${nameKind(stats)}`);
    return stats ?? null;
  });
}

function nameKind(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe (FIFO)';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** Node's own way to make folders with their parents does not end in some file systems that refuse them, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'must be a file that may be read and written; permission was denied',
  EPERM: 'must be a file that may be read and written; permission was denied',
  EROFS: 'must be a file that can be written, lies in a file system that is read-only',
  ENOTDIR: 'must lie in a folder; a part of its path is a file',
  EEXIST: 'must lie in a folder; a part of its path is a file',
  EISDIR: 'must be a file, is a folder',
  ENOENT: 'must lie in a folder that is there or can be made',
  ELOOP: 'must be a file; its links lead in a circle',
  ENAMETOOLONG: 'must have a shorter name',
  ENOSPC: 'cannot be written; the disk is full',
  EDQUOT: 'cannot be written; the quota of disk space is used up',
  EFBIG: 'cannot be written; a file may not be larger here',
};

/** Does the work; what the system refuses becomes one line that names the file. Throws: ConfigError. */
export function explainFileErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainFileError(path, error);
  }
}

export function explainFileError(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || !code || !syscall) return error;
  return new ConfigError(path, reasons[code] ?? `cannot be used; the system says ${code} to ${syscall}`);
}
