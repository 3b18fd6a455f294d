import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { ConfigError } from '@hitscan/core/errors';
import type { Storage } from '@hitscan/core/tune';
import { createQueue, formatWait, type Notify, tellOfWait } from '@hitscan/core/tune';
import { describeSchema } from './optunaSchema.ts';
import { createRelationalStorage } from './relational.ts';
import type { SqlDatabase, SqlQuery, SqlRow } from './sqlDatabase.ts';
import { prepareStorageFile } from './storageFile.ts';

/** Other processes hold the file for milliseconds at a time; many of them may be in line. */
const longestWaitMs = 60_000;
/** How long SQLite itself waits, during which nothing else happens in this process. */
const blockingMs = 5;
/** SQLite's number for a file that somebody else has locked. */
const busy = 5;

export interface SqliteOptions {
  /** Is told of waits for the file that are long enough to be noticed. */
  readonly notify?: Notify;
  /** How long a file that somebody else has locked is waited for. */
  readonly patienceMs?: number;
}

/**
 * A study storage in an SQLite file with Optuna's tables; Python's Optuna opens it as `sqlite:///<path>`, at the same time
 * where need be. The file's journal mode stays what it is, SQLite's default in a new file as with Optuna: one file to copy.
 *
 * Throws: ConfigError where the file cannot be used, or holds something else, which then stays as it is.
 */
export async function openSqlite(
  path: string,
  { notify = () => {}, patienceMs = longestWaitMs }: SqliteOptions = {},
): Promise<Storage> {
  prepareStorageFile(path);
  const database = await explain(path, async () => new DatabaseSync(path, { timeout: blockingMs }));
  const statements = new Map<string, StatementSync>();
  const query: SqlQuery = async (text, ...parameters) => {
    const statement = statements.get(text) ?? database.prepare(text);
    statements.set(text, statement);
    return statement.all(...parameters) as unknown as readonly SqlRow[];
  };
  const line = `Waiting for ${path}, which another process has locked, for at most ${formatWait(patienceMs)}.`;
  const execute = (statement: string): Promise<void> =>
    tellOfWait(
      persist(() => database.exec(statement), patienceMs),
      { notify, line },
    );
  const enqueue = createQueue();
  const sqlite: SqlDatabase = {
    name: path,
    forUpdate: '',
    shared: false,
    listTables: async (query) => {
      const rows = await query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
      return rows.map(({ name }) => String(name));
    },
    // Optuna's times of heartbeats are SQLite's own, which are UTC.
    ageMs: (column) => `(julianday('now') - julianday(${column})) * 86400000`,
    transact: (work) =>
      enqueue(() =>
        explain(path, async () => {
          // From the start a writer's, since a reader's cannot become one while another process waits for the same.
          await execute('BEGIN IMMEDIATE');
          try {
            const result = await work(query);
            await execute('COMMIT');
            return result;
          } catch (error) {
            // SQLite itself has ended one for which there was no room.
            if (database.isTransaction) database.exec('ROLLBACK');
            throw error;
          }
        }),
      ),
    close: () => enqueue(async () => database.close()),
  };
  const enumeration = (_: string, names: readonly string[]) =>
    `VARCHAR(${Math.max(...names.map((name) => name.length))})`;
  const schema = describeSchema({
    serial: 'INTEGER NOT NULL PRIMARY KEY',
    float: 'FLOAT',
    time: 'DATETIME',
    enumeration,
  });
  try {
    return await createRelationalStorage(sqlite, schema);
  } catch (error) {
    await sqlite.close();
    throw error;
  }
}

/** Tries until the file is free. */
async function persist(attempt: () => void, patienceMs: number): Promise<void> {
  for (const begun = performance.now(); ; await wait(Math.random() * 2 * blockingMs)) {
    try {
      return attempt();
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== busy || performance.now() - begun > patienceMs) throw error;
    }
  }
}

/** By SQLite's numbers for what went wrong; of numbers above 255 the last eight bits count. */
const reasons: Readonly<Record<number, string>> = {
  [busy]: 'is locked by another process, and was waited for in vain',
  8: 'must be a file that may be written',
  10: 'cannot be read or written; the system reports an error of the disk',
  11: 'is damaged',
  13: 'cannot be written; the disk is full',
  14: 'cannot be opened, it or its folder; may they be read and written?',
  26: 'must be an SQLite database, is none or is damaged',
};

/** Does the work; what SQLite refuses becomes one line that names the file. Throws: ConfigError. */
async function explain<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { errcode, code, message } = error as { errcode?: number; code?: string; message: string };
    if (code !== 'ERR_SQLITE_ERROR' || errcode === undefined) throw error;
    const reason = reasons[errcode & 0xff] ?? 'cannot be used as a study';
    throw new ConfigError(path, `${reason} (SQLite: ${message})`);
  }
}
