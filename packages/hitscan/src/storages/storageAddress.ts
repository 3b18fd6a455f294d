import { ConfigError } from '@hitscan/core/errors';

/** What the address of a storage says. */
export type StorageAddress =
  | { readonly kind: 'memory' }
  /** `database`: the address says that the file is SQLite's. */
  | { readonly kind: 'file'; readonly path: string; readonly database: boolean }
  | { readonly kind: 'postgres'; readonly url: URL };

const forms = 'postgresql://user@host:port/database, sqlite:///path or the path of a file';
const option = '--storage';

/** A scheme, as opposed to the letter of a drive; without slashes only where it is plainly a database's. */
const schemePattern =
  /^([a-z][a-z\d.-]+)(?:\+\w+)?:(?=\/\/)|^(sqlite|postgres|postgresql|mysql|mariadb|redis)(?:\+\w+)?:/i;

/**
 * Reads `postgresql://…`, `sqlite:///path`, `:memory:` or the path of a file; drivers as SQLAlchemy names them
 * (`postgresql+psycopg2://`) are passed over. Throws: ConfigError, with no part of the address in which a password may stand.
 */
export function readStorageAddress(address: string): StorageAddress {
  if (address === ':memory:') return { kind: 'memory' };
  const match = schemePattern.exec(address);
  if (!match) {
    requirePath(address);
    return { kind: 'file', path: address, database: false };
  }
  const scheme = (match[1] ?? match[2]).toLowerCase();
  const rest = address.slice(match[0].length);
  if (scheme === 'postgres' || scheme === 'postgresql') return { kind: 'postgres', url: readUrl(rest) };
  if (scheme !== 'sqlite') throw new ConfigError(option, `must be ${forms}, got one that begins with ${scheme}:`);
  if (!rest.startsWith('///') || rest.includes('?'))
    throw new ConfigError(option, `must name an SQLite file as sqlite:///path, without options, got ${address}`);
  const path = rest.slice('///'.length);
  requirePath(path);
  return { kind: 'file', path, database: true };
}

function requirePath(path: string): void {
  if (path.trim() === '') throw new ConfigError(option, `must be ${forms}, got no path`);
  if (path.includes('\0')) throw new ConfigError(option, 'must be a path without NUL characters, got one with');
}

/** `rest`: what follows `postgresql:`. */
function readUrl(rest: string): URL {
  // libpq allows an empty host after a user.
  const url = rest.startsWith('//') ? URL.parse(`postgresql:${rest.replace('@/', '@localhost/')}`) : null;
  // A password with one of /?#@ in it ends the part of the host too early, and would stand where nothing hides it.
  const misread = url && (url.hash !== '' || (rest.includes('@') && url.username === ''));
  if (!url || misread || url.pathname.includes('@'))
    throw new ConfigError(
      option,
      'must be postgresql://user:password@host:port/database, got one that is no such URL; ports end at 65535; write / ? # @ and % in a password as %2F %3F %23 %40 and %25',
    );
  return url;
}

/** The address as it may be shown: without password and options. */
export function showStorageAddress(address: string): string {
  const read = readStorageAddress(address);
  return read.kind === 'postgres' ? showUrl(read.url) : address;
}

export function showUrl({ username, host, pathname }: URL): string {
  return `postgresql://${username && `${username}@`}${host}${pathname}`;
}

/** The address without its password, as it may be kept in files; what is opened by it takes the password from elsewhere. */
export function withoutPassword(address: string): string {
  const read = readStorageAddress(address);
  if (read.kind !== 'postgres') return address;
  const { url } = read;
  if (url.password === '' && !url.searchParams.has('password')) return address;
  url.password = '';
  url.searchParams.delete('password');
  return url.href;
}
