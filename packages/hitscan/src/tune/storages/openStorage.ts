import { closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Storage } from '../storage.ts';
import { openJournal } from './journal.ts';
import { createMemoryStorage } from './memory.ts';

/**
 * Opens a storage by its address, and makes it where there is none: `postgresql://…`, `sqlite:///path`, `:memory:`, or the
 * path of a file. A file that exists tells by its first bytes whether it is a database; a new one is a database if its name
 * ends with `.db`, `.sqlite` or `.sqlite3`, and a journal otherwise.
 */
export async function openStorage(address: string): Promise<Storage> {
  if (address === ':memory:') return createMemoryStorage();
  // The drivers load when they are needed: most studies live in a journal.
  if (/^postgres(ql)?(\+\w+)?:\/\//.test(address)) return (await import('./postgres.ts')).openPostgres(address);
  const path = address.replace(/^sqlite:\/\/\//, '');
  mkdirSync(dirname(path), { recursive: true });
  if (path !== address || isDatabase(path)) return (await import('./sqlite.ts')).openSqlite(path);
  return openJournal(path);
}

const sqliteStart = 'SQLite format 3\0';

function isDatabase(path: string): boolean {
  if (!existsSync(path)) return /\.(db|sqlite3?)$/.test(path);
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(sqliteStart.length);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1') === sqliteStart;
  } finally {
    closeSync(file);
  }
}
