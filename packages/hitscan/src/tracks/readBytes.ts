import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DataError } from '../errors.ts';
import { fileName } from './quoteValue.ts';

/** A text file's contents, known to be UTF-8. */
export interface TextFile {
  /** Without the folder, safe to print. */
  readonly name: string;
  /** Without a byte order mark. */
  readonly bytes: Buffer;
  /** Hex, of the whole file, byte order mark included. */
  readonly sha256: string;
}

/** Largest file that is read whole, in bytes: what one Buffer can safely hold on every platform. */
const largestFile = 2_000_000_000;

/** Longest line, in bytes; longer ones are a wrong format or an attack, never a song. */
export const longestLine = 1_000_000;

/** First bytes of formats that people hand over instead of CSV, and what to do about each. */
const signatures: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0xff, 0xfe], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0xfe, 0xff], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0x50, 0x4b, 0x03, 0x04], 'must be CSV text, got a spreadsheet or zip archive; unpack it or export it as CSV'],
  [[0x1f, 0x8b], 'must be CSV text, got a gzip archive; unpack it first'],
  [[0x50, 0x41, 0x52, 0x31], 'must be CSV text, got a Parquet file; convert it to CSV'],
];

/** Why a file could not be opened, in words. */
const openFailures: Readonly<Record<string, string>> = {
  ENOENT: 'must be an existing file, got none; check the path',
  ENOTDIR: 'must be an existing file, got none; check the path',
  EACCES: 'must be readable, got "permission denied"; change its permissions',
  EPERM: 'must be readable, got "permission denied"; change its permissions',
  ENAMETOOLONG: 'must be a path that the system accepts, got one too long',
};

function explainFailure(name: string, error: unknown): DataError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new DataError(name, openFailures[code] ?? `must be readable, got ${code}`);
}

async function readWhole(path: string, name: string): Promise<Buffer> {
  let size: number;
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new DataError(name, 'must be a file, got a directory');
    // A pipe or a device may never end.
    if (!status.isFile())
      throw new DataError(name, 'must be an ordinary file, got a pipe or a device; save it to disk');
    size = status.size;
  } catch (error) {
    throw error instanceof DataError ? error : explainFailure(name, error);
  }
  if (size > largestFile) {
    const gigabytes = (size / 1e9).toFixed(1);
    throw new DataError(name, `must be at most ${largestFile / 1e9} GB, got ${gigabytes} GB; take a part of its rows`);
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw explainFailure(name, error);
  }
}

/** The 1-based line of a byte, counted in line feeds. */
function lineOf(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let i = bytes.indexOf(10); i !== -1 && i < offset; i = bytes.indexOf(10, i + 1)) line++;
  return line;
}

/** Checked on bytes, before the parser gathers a line of a gigabyte or a hundred million empty cells. */
function checkLines(name: string, bytes: Buffer): void {
  const lineEnd = bytes.includes(10) ? 10 : 13;
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(lineEnd, start);
    const end = found === -1 ? bytes.length : found;
    if (end - start > longestLine) {
      const limit = `must have lines of at most ${longestLine.toLocaleString('en')} bytes`;
      throw new DataError(`${name}:${line}`, `${limit}, got ${(end - start).toLocaleString('en')}; is it CSV?`);
    }
    start = end + 1;
    line++;
  }
}

/**
 * Reads a text file whole and makes sure that it is one.
 * Throws: DataError when it is no readable file, above 2 GB, empty, binary, not UTF-8 or has a line above 1 MB.
 */
export async function readTextFile(path: string): Promise<TextFile> {
  const name = fileName(path);
  const whole = await readWhole(path, name);
  for (const [first, what] of signatures) {
    if (first.every((byte, i) => whole[i] === byte)) throw new DataError(name, what);
  }
  const marked = whole[0] === 0xef && whole[1] === 0xbb && whole[2] === 0xbf;
  const bytes = marked ? whole.subarray(3) : whole;
  if (bytes.length === 0) throw new DataError(name, 'must have a header and rows, got an empty file');
  const zero = bytes.indexOf(0);
  if (zero !== -1) {
    const where = `${name}:${lineOf(bytes, zero)}`;
    throw new DataError(where, 'must be CSV text, got a zero byte (a binary file, or UTF-16); save it as "CSV UTF-8"');
  }
  if (!isUtf8(bytes)) {
    throw new DataError(name, 'must be UTF-8, got bytes in another encoding (Latin-1?); save it as "CSV UTF-8"');
  }
  checkLines(name, bytes);
  return { name, bytes, sha256: createHash('sha256').update(whole).digest('hex') };
}
