import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { Storage } from '../storage.ts';
import { describeSchema } from './optunaSchema.ts';
import { createQueue } from './queue.ts';
import { createRelationalStorage } from './relational.ts';
import type { SqlDatabase, SqlQuery, SqlRow } from './sqlDatabase.ts';

/** Other processes hold the file for milliseconds at a time; many of them may be in line. */
const patienceMs = 60_000;
/** How long SQLite itself waits, during which nothing else happens in this process. */
const blockingMs = 5;
/** SQLite's number for a file that somebody else has locked. */
const busy = 5;

/**
 * A study storage in an SQLite file with Optuna's tables; Python's Optuna opens it as `sqlite:///<path>`, at the same time
 * where need be. The file's journal mode stays what it is, SQLite's default in a new file as with Optuna: one file to copy.
 */
export async function openSqlite(path: string): Promise<Storage> {
  const database = new DatabaseSync(path, { timeout: blockingMs });
  const statements = new Map<string, StatementSync>();
  const query: SqlQuery = async (text, ...parameters) => {
    const statement = statements.get(text) ?? database.prepare(text);
    statements.set(text, statement);
    return statement.all(...parameters) as unknown as readonly SqlRow[];
  };
  const enqueue = createQueue();
  const sqlite: SqlDatabase = {
    forUpdate: '',
    transact: (work) =>
      enqueue(async () => {
        // From the start a writer's, since a reader's cannot become one while another process waits for the same.
        await persist(() => database.exec('BEGIN IMMEDIATE'));
        try {
          const result = await work(query);
          await persist(() => database.exec('COMMIT'));
          return result;
        } catch (error) {
          database.exec('ROLLBACK');
          throw error;
        }
      }),
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
  return createRelationalStorage(sqlite, schema, path);
}

/** Tries until the file is free. */
async function persist(attempt: () => void): Promise<void> {
  for (const begun = performance.now(); ; await wait(Math.random() * 2 * blockingMs)) {
    try {
      return attempt();
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== busy || performance.now() - begun > patienceMs) throw error;
    }
  }
}
