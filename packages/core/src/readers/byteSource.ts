import { fileName } from '../quoteValue.ts';
import { createSha256 } from '../sha256.ts';
import { yieldToEvents } from '../yieldToEvents.ts';

/** A file's bytes, wherever they come from: a disk, a download, memory. */
export interface ByteSource {
  /** The file's name without its folder, safe to print. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Its contents in order, once, cut anywhere. A piece is valid until the next is asked for; others have their turn in between.
   * Throws: DataError where it cannot be read, the signal's reason where it aborts.
   */
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Hex, of the whole file. Known after the last piece. */
  sha256(): string;
}

/** Bytes that are read at a time: some milliseconds of work, in which nobody else has a turn. */
export const pieceLength = 1 << 20;

/** Bytes in memory as a source. `name` is what messages call them. */
export function openBytes(name: string, bytes: Uint8Array): ByteSource {
  const hash = createSha256();
  let digest: string | undefined;
  return {
    name: fileName(name),
    size: bytes.length,
    async *pieces(signal) {
      for (let from = 0; from < bytes.length; from += pieceLength) {
        const piece = bytes.subarray(from, from + pieceLength);
        hash.update(piece);
        yield piece;
        await yieldToEvents();
        if (signal?.aborted) throw signal.reason;
      }
    },
    sha256() {
      digest ??= hash.digestHex();
      return digest;
    },
  };
}
