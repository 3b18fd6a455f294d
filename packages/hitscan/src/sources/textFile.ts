import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { DataError } from '@hitscan/core/errors';
import { fileName } from '@hitscan/core/quoteValue';

/** A text file that is read piece by piece. */
export interface TextFile {
  /** Without the folder, safe to print. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Its contents in order, once: UTF-8 without a byte order mark, cut at characters. A piece is valid until the next is asked for.
   * Throws: DataError where it is no text, the signal's reason where it aborts.
   */
  pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array, void>;
  /** Hex, of the whole file, byte order mark included. Known after the last piece. */
  sha256(): string;
}

/** Bytes that are read at a time: some milliseconds of work, in which nobody else has a turn. */
const pieceLength = 1 << 20;

/** First bytes of formats that people hand over instead of CSV, and what to do about each. */
const signatures: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0xff, 0xfe], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0xfe, 0xff], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0x50, 0x4b, 0x03, 0x04], 'must be CSV text, got a spreadsheet or zip archive; unpack it or export it as CSV'],
  [[0x1f, 0x8b], 'must be CSV text, got a gzip archive; unpack it first'],
  [[0x50, 0x41, 0x52, 0x31], 'must be CSV text, got a Parquet file; convert it to CSV'],
];

const byteOrderMark = [0xef, 0xbb, 0xbf];

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

/** Where the last character of a piece begins, if it is cut off there; else its end. */
function lastWhole(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function startsWith(bytes: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, i) => bytes[i] === byte);
}

/** Fills a buffer from a file; gives fewer bytes than it holds at the file's end alone. */
async function fill(file: FileHandle, buffer: Uint8Array): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** Throws: DataError when it is no readable file. */
export async function openTextFile(path: string): Promise<TextFile> {
  const name = fileName(path);
  const hash = createHash('sha256');
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

  async function read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainFailure(name, error);
    }
  }

  /** What of a first piece is text. */
  function checkBeginning(piece: Uint8Array): Uint8Array {
    for (const [first, what] of signatures) if (startsWith(piece, first)) throw new DataError(name, what);
    const text = startsWith(piece, byteOrderMark) ? piece.subarray(byteOrderMark.length) : piece;
    if (text.length === 0) throw new DataError(name, 'must have a header and rows, got an empty file');
    return text;
  }

  function checkText(text: Uint8Array): void {
    const zero = text.indexOf(0);
    // UTF-16 has zero bytes, too: their reader names the row, if all before is text.
    if (!isUtf8(zero === -1 ? text : text.subarray(0, zero)))
      throw new DataError(name, 'must be UTF-8, got bytes in another encoding (Latin-1?); save it as "CSV UTF-8"');
  }

  async function* pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const file = await read(() => open(path, 'r'));
    try {
      const buffer = new Uint8Array(pieceLength);
      let kept = 0;
      for (let isFirst = true; ; isFirst = false) {
        signal?.throwIfAborted();
        const room = buffer.subarray(kept);
        const length = await read(() => fill(file, room));
        hash.update(room.subarray(0, length));
        const isLast = length < room.length;
        const whole = buffer.subarray(0, kept + length);
        const text = isFirst ? checkBeginning(whole) : whole;
        const piece = isLast ? text : text.subarray(0, lastWhole(text));
        checkText(piece);
        if (piece.length > 0) yield piece;
        if (isLast) return;
        kept = text.length - piece.length;
        buffer.copyWithin(0, kept + length - kept, kept + length);
      }
    } finally {
      await file.close();
    }
  }

  let digest: string | undefined;
  return {
    name,
    size,
    pieces,
    sha256() {
      digest ??= hash.digest('hex');
      return digest;
    },
  };
}
