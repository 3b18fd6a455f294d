import { Socket } from 'node:net';
import { ConfigError, UserError } from '@hitscan/core/errors';
import type { Storage } from '@hitscan/core/tune';
import { createQueue, formatWait, limitWait, type Notify, tellOfWait } from '@hitscan/core/tune';
import pg from 'pg';
import { describeSchema } from './optunaSchema.ts';
import { explainPostgresError, isRefusal } from './postgresErrors.ts';
import { createRelationalStorage } from './relational.ts';
import type { SqlDatabase, SqlQuery } from './sqlDatabase.ts';
import { showUrl } from './storageAddress.ts';

/** Of no meaning but to be the same in every process that creates the tables. */
const creationLock = 5_010_012;
/** Enough for a server on another continent; `connect_timeout` in the address says otherwise. */
const longestConnectMs = 5000;
const longestAnswerMs = 60_000;
/** How long others may hold what a statement needs: less than is waited for an answer, so that the server can say what it was. */
const shareForLocks = 0.9;
const longestEndMs = 1000;

const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export interface PostgresOptions {
  /** Is told of waits for the server that are long enough to be noticed. */
  readonly notify?: Notify;
  /** How long a statement may take. */
  readonly answerMs?: number;
}

/**
 * A study storage in a PostgreSQL database with Optuna's tables, which Python's Optuna opens by the same URL.
 *
 * Throws: ConfigError where the server cannot be had, refuses, does not answer in time, or goes away.
 */
export async function openPostgres(
  url: URL,
  { notify = () => {}, answerMs = longestAnswerMs }: PostgresOptions = {},
): Promise<Storage> {
  const name = showUrl(url);
  const { client, socket } = await connect(url, name, notify);
  const ask = async (text: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult> => {
    const giveUp = () => new ConfigError(name, `must answer a statement within ${formatWait(answerMs)}, did not`);
    const line = `Waiting for an answer of ${name}, for at most ${formatWait(answerMs)}; another process may hold the study.`;
    const answer = limitWait(client.query(text, [...parameters]), answerMs, giveUp);
    try {
      return await tellOfWait(answer, { notify, line });
    } catch (error) {
      // Whatever else the server may still say, nobody would know to what it is an answer.
      if (!isRefusal(error)) socket.destroy();
      throw explainPostgresError(error, name);
    }
  };
  const query: SqlQuery = async (text, ...parameters) => {
    let count = 0;
    const numbered = text.replace(/\?/g, () => `$${++count}`);
    return (await ask(numbered, parameters)).rows;
  };
  const enqueue = createQueue();
  const postgres: SqlDatabase = {
    name,
    forUpdate: 'FOR UPDATE',
    shared: true,
    listTables: async (query) => {
      // Those that a name without a schema finds, as in all other statements.
      const rows = await query(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace",
      );
      return rows.map(({ relname }) => String(relname));
    },
    // Optuna writes the server's time in the server's zone, without naming it.
    ageMs: (column, of) =>
      `(EXTRACT(EPOCH FROM ${of === 'UTC' ? "clock_timestamp() AT TIME ZONE 'UTC'" : 'clock_timestamp()::timestamp'} - ${column}) * 1000)::float8`,
    transact: (work) =>
      enqueue(async () => {
        await ask(`BEGIN; SET LOCAL lock_timeout = ${Math.round(answerMs * shareForLocks)}`);
        try {
          const result = await work(query);
          await ask('COMMIT');
          return result;
        } catch (error) {
          if (!socket.destroyed) await ask('ROLLBACK');
          throw error;
        }
      }),
    close: () => enqueue(() => end(client, socket)),
  };
  try {
    return await createRelationalStorage(postgres, describePostgresSchema());
  } catch (error) {
    await end(client, socket);
    throw error;
  }
}

async function connect(url: URL, name: string, notify: Notify): Promise<{ client: pg.Client; socket: Socket }> {
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !tlsModes.includes(mode))
    throw new ConfigError(name, `sslmode must be one of ${tlsModes.join(', ')}, got ${JSON.stringify(mode)}`);
  const limitMs = readConnectLimit(url, name);
  const socket = new Socket();
  let start = '';
  const listen = (bytes: Buffer) => {
    start += bytes.toString('latin1', 0, 'HTTP/'.length);
  };
  try {
    const client = new pg.Client({ connectionString: toDriverAddress(url), keepAlive: true, stream: () => socket });
    // Without a listener a connection that breaks between two statements would end the process; the next statement tells.
    client.on('error', () => {});
    socket.once('connect', () => socket.once('data', listen));
    const giveUp = () => {
      const remedy = 'is it PostgreSQL? More time may be given by ?connect_timeout=<seconds>';
      return new ConfigError(name, `must accept the connection within ${formatWait(limitMs)}, did not; ${remedy}`);
    };
    const line = `Waiting for ${name} to accept the connection, for at most ${formatWait(limitMs)}.`;
    await tellOfWait(limitWait(client.connect(), limitMs, giveUp), { notify, line });
    return { client, socket };
  } catch (error) {
    socket.destroy();
    if (start.startsWith('HTTP/'))
      throw new ConfigError(name, 'must be a PostgreSQL server, answers as a web server does (HTTP)');
    throw error instanceof UserError ? error : explainPostgresError(error, name);
  }
}

/** To the driver these are one, of which it warns in many lines: the server's name and certificate are checked. */
function toDriverAddress(url: URL): string {
  const mode = url.searchParams.get('sslmode') ?? '';
  if (!['prefer', 'require', 'verify-ca'].includes(mode) || url.searchParams.has('uselibpqcompat')) return url.href;
  const named = new URL(url);
  named.searchParams.set('sslmode', 'verify-full');
  return named.href;
}

function readConnectLimit(url: URL, name: string): number {
  const text = url.searchParams.get('connect_timeout');
  if (text === null) return longestConnectMs;
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new ConfigError(name, `connect_timeout must be seconds from 1 to 9999, got ${JSON.stringify(text)}`);
  return Number(text) * 1000;
}

/** Says goodbye, and does not wait for long to be understood. */
async function end(client: pg.Client, socket: Socket): Promise<void> {
  const late = new ConfigError('storage', 'must end the connection in time');
  await limitWait(client.end(), longestEndMs, () => late).catch(() => {});
  socket.destroy();
}

function describePostgresSchema(): string[] {
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
  return [`SELECT pg_advisory_xact_lock(${creationLock})`, ...types, ...tables];
}
