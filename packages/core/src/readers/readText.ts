import { DataError } from '../errors.ts';
import type { ByteSource } from './byteSource.ts';

/** First bytes of formats that people hand over instead of CSV, and what to do about each. */
const signatures: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0xff, 0xfe], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0xfe, 0xff], 'must be UTF-8, got UTF-16; save it again as "CSV UTF-8"'],
  [[0x50, 0x4b, 0x03, 0x04], 'must be CSV text, got a spreadsheet or zip archive; unpack it or export it as CSV'],
  [[0x1f, 0x8b], 'must be CSV text, got a gzip archive; unpack it first'],
  [[0x50, 0x41, 0x52, 0x31], 'must be CSV text, got a Parquet file; convert it to CSV'],
];

const byteOrderMark = [0xef, 0xbb, 0xbf];

/** The longest of them. */
const beginningLength = 4;

function startsWith(bytes: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, i) => bytes[i] === byte);
}

function append(bytes: Uint8Array, more: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length + more.length);
  joined.set(bytes);
  joined.set(more, bytes.length);
  return joined;
}

/**
 * A source's text in pieces of UTF-8, without a byte order mark, cut anywhere.
 * Throws: DataError where it is no text, and what the source throws.
 */
export async function* readText(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const { name } = source;
  const decoder = new TextDecoder('utf-8', { fatal: true });

  /** What of a file's first bytes is text. */
  function checkBeginning(bytes: Uint8Array): Uint8Array {
    for (const [first, what] of signatures) if (startsWith(bytes, first)) throw new DataError(name, what);
    const text = startsWith(bytes, byteOrderMark) ? bytes.subarray(byteOrderMark.length) : bytes;
    if (text.length === 0) throw new DataError(name, 'must have a header and rows, got an empty file');
    return text;
  }

  /** Without bytes: that no character is cut off at the end. */
  function checkEncoding(bytes?: Uint8Array): void {
    try {
      decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new DataError(name, 'must be UTF-8, got bytes in another encoding (Latin-1?); save it as "CSV UTF-8"');
    }
  }

  function checkText(text: Uint8Array): Uint8Array {
    const zero = text.indexOf(0);
    // UTF-16 has zero bytes, too: their reader names the row, if all before is text.
    checkEncoding(zero === -1 ? text : text.subarray(0, zero));
    return text;
  }

  let beginning: Uint8Array | null = new Uint8Array(0);
  for await (const piece of source.pieces(signal)) {
    if (beginning === null) {
      yield checkText(piece);
      continue;
    }
    beginning = append(beginning, piece);
    if (beginning.length < beginningLength) continue;
    yield checkText(checkBeginning(beginning));
    beginning = null;
  }
  if (beginning !== null) yield checkText(checkBeginning(beginning));
  checkEncoding();
}
