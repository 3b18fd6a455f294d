import pg from 'pg';
import type { Storage } from '../storage.ts';
import { describeSchema } from './optunaSchema.ts';
import { createQueue } from './queue.ts';
import { createRelationalStorage } from './relational.ts';
import type { SqlDatabase, SqlQuery } from './sqlDatabase.ts';

/** Of no meaning but to be the same in every process that creates the tables. */
const creationLock = 5_010_012;

/**
 * A study storage in a PostgreSQL database with Optuna's tables, which Python's Optuna opens by the same URL.
 *
 * `url`: `postgresql://user:password@host:port/database`; SQLAlchemy's `postgresql+psycopg2://` is understood.
 */
export async function openPostgres(url: string): Promise<Storage> {
  const client = new pg.Client({ connectionString: url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:') });
  // Without a listener a connection that breaks between two statements would end the process; the next statement tells.
  client.on('error', () => {});
  await client.connect();
  const query: SqlQuery = async (text, ...parameters) => {
    let count = 0;
    const result = await client.query(
      text.replace(/\?/g, () => `$${++count}`),
      [...parameters],
    );
    return result.rows;
  };
  const enqueue = createQueue();
  const postgres: SqlDatabase = {
    forUpdate: 'FOR UPDATE',
    transact: (work) =>
      enqueue(async () => {
        await client.query('BEGIN');
        try {
          const result = await work(query);
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        }
      }),
    close: () => enqueue(() => client.end()),
  };
  const types: string[] = [];
  const enumeration = (type: string, names: readonly string[]) => {
    const list = names.map((name) => `'${name}'`).join(', ');
    types.push(`DO $$ BEGIN CREATE TYPE ${type} AS ENUM (${list}); EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
    return type;
  };
  const tables = describeSchema({
    serial: 'SERIAL PRIMARY KEY',
    float: 'DOUBLE PRECISION',
    time: 'TIMESTAMP WITHOUT TIME ZONE',
    enumeration,
  });
  // Two processes cannot create the same table at a time, IF NOT EXISTS or not.
  const schema = [`SELECT pg_advisory_xact_lock(${creationLock})`, ...types, ...tables];
  return createRelationalStorage(postgres, schema, 'storage');
}
