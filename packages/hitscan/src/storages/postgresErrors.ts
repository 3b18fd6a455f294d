import { ConfigError, UserError } from '@hitscan/core/errors';

/** Whether the server itself refused a statement: the connection stands, and may be asked for something else. */
export function isRefusal(error: unknown): boolean {
  const { severity, code } = error as { severity?: string; code?: string };
  return severity === 'ERROR' && !isShutdown(code);
}

/** The server ends the connection: class 57P. */
function isShutdown(code: string | undefined): boolean {
  return code?.startsWith('57P') ?? false;
}

/** By SQLSTATE, else by the system's name. */
const reasons: Readonly<Record<string, string>> = {
  '28P01': 'must accept the user and password; is it in the address, in PGPASSWORD or in ~/.pgpass?',
  '28000': 'must accept the user',
  '3D000': 'must have the database; createdb makes one',
  '53300': 'has no more connections to give; run fewer workers at a time',
  '55P03': 'is held by another process for too long; is one of them stopped in the midst of a transaction?',
  '42501': 'must allow the user to write and to make tables',
  '25006': 'must allow writing, is read-only',
  ENOENT: 'names a file or a socket that is not there',
  ECONNREFUSED: 'must be a running server; the connection was refused',
  ENOTFOUND: 'must be a host that is known, is not',
  EAI_AGAIN: 'must be a host that is known; no name server answers',
  ETIMEDOUT: 'must be reachable, does not answer',
  EHOSTUNREACH: 'must be reachable; there is no way to the host',
  ENETUNREACH: 'must be reachable; there is no way to the network',
  ECONNRESET: 'must go on to answer, has closed the connection; run the same again to go on',
  EPIPE: 'must go on to answer, has closed the connection; run the same again to go on',
};

const gone = 'must be PostgreSQL and go on to answer, has gone away; run the same again to go on';

/**
 * What went wrong with a server, as one line. `name`: the server and its database, without secrets; messages of the server
 * and of its driver hold none.
 */
export function explainPostgresError(error: unknown, name: string): Error {
  if (error instanceof UserError) return error;
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { code, message, severity } = first as { code?: string; message: string; severity?: string };
  const ended = isShutdown(code) || /terminated|not queryable/i.test(message);
  const reason = reasons[code ?? ''] ?? (ended ? gone : severity ? 'refused a statement' : 'must be PostgreSQL');
  return new ConfigError(name, `${reason} (${message})`);
}
