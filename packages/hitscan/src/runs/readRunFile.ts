import { readFileSync, statSync } from 'node:fs';
import { DataError } from '@hitscan/core/errors';

/**
 * The bytes of a file of a run. Throws: DataError where there is none that can be read. A pipe or a device in its place is not
 * read from: nothing may ever come.
 */
export function readRunFile(path: string, remedy: string): Buffer {
  try {
    const found = statSync(path);
    if (found.isFile()) return readFileSync(path);
    const kind = found.isDirectory() ? 'a folder' : 'a pipe or a device';
    throw new DataError(path, `must be a file, got ${kind}; ${remedy}`);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(path, `must be a file that can be read, got ${code === 'ENOENT' ? 'none' : code}; ${remedy}`);
  }
}
