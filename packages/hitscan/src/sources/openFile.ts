import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { DataError } from '@hitscan/core/errors';
import { fileName } from '@hitscan/core/quoteValue';
import { type ByteSource, pieceLength } from '@hitscan/core/readers';

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

/** A file on this machine as a source of bytes. Throws: DataError when it is no readable file. */
export async function openFile(path: string): Promise<ByteSource> {
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

  async function* pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const file = await read(() => open(path, 'r'));
    try {
      const buffer = new Uint8Array(pieceLength);
      for (let length = pieceLength; length === pieceLength; ) {
        signal?.throwIfAborted();
        length = await read(() => fill(file, buffer));
        const piece = buffer.subarray(0, length);
        hash.update(piece);
        if (length > 0) yield piece;
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
