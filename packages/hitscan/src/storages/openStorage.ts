import { closeSync, openSync, readSync } from 'node:fs';
import type { Notify, Storage } from '@hitscan/core/tune';
import { createMemoryStorage } from '@hitscan/core/tune';
import { openJournal } from './journal.ts';
import { readStorageAddress } from './storageAddress.ts';
import { explainFileErrors, prepareStorageFile } from './storageFile.ts';

export interface StorageOptions {
  /** Is told of waits that are long enough to be noticed. */
  readonly notify?: Notify;
}

/**
 * Opens a storage by its address, and makes it where there is none: `postgresql://…`, `sqlite:///path`, `:memory:`, or the
 * path of a file. A file that holds something tells by its first bytes whether it is a database; an empty or a new one is a
 * database if its name ends with `.db`, `.sqlite` or `.sqlite3`, and a journal otherwise.
 *
 * Throws: ConfigError where it cannot be had, DataError where it holds something else.
 */
export async function openStorage(address: string, { notify = () => {} }: StorageOptions = {}): Promise<Storage> {
  const read = readStorageAddress(address);
  if (read.kind === 'memory') return createMemoryStorage();
  // The drivers load when they are needed: most studies live in a journal.
  if (read.kind === 'postgres') return (await import('./postgres.ts')).openPostgres(read.url, { notify });
  const { path } = read;
  const stats = prepareStorageFile(path);
  if (read.database || isDatabase(path, stats?.size ?? 0))
    return (await import('./sqlite.ts')).openSqlite(path, { notify });
  return openJournal(path, { notify });
}

const sqliteStart = 'SQLite format 3\0';

function isDatabase(path: string, size: number): boolean {
  const named = /\.(db|sqlite3?)$/.test(path);
  if (size === 0) return named;
  const start = explainFileErrors(path, () => readStart(path, sqliteStart.length));
  // A journal may have any name, but what is neither is to be spoken of as what its name says.
  return start === sqliteStart || (named && !/^\s*(\{|$)/.test(start));
}

function readStart(path: string, length: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
