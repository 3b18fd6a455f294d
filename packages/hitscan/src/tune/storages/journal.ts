import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { DataError } from '../../errors.ts';
import { quoteValue } from '../../tracks/quoteValue.ts';
import type { Storage } from '../storage.ts';
import { lockJournal } from './journalLock.ts';
import type { JournalRecord } from './journalRecord.ts';
import { parsePythonJson } from './pythonJson.ts';
import { createRecordStorage, type RecordLog } from './recordStorage.ts';

const newline = 0x0a;
const space = 0x20;
/** Every record of Optuna's and ours begins so; within a string the quotes would be escaped. */
const recordStart = '{"op_code":';

export interface JournalOptions {
  /** How long a lock may stay the same before its holder counts as dead; Optuna's 30 seconds. */
  readonly lockGraceMs?: number;
}

/**
 * A study storage in Optuna's journal file: one JSON record a line, only ever appended to, under Optuna's lock. Python's
 * Optuna opens the same file as `JournalStorage(JournalFileBackend(path))`, at the same time where need be.
 *
 * A line that a dying writer left unfinished counts for nobody. Before anything is appended its bytes become spaces, which
 * JSON allows before a record: what follows stays readable to all, and no reader's position moves. The same rescues a record
 * that Optuna has appended to such a line.
 */
export function openJournal(path: string, { lockGraceMs = 30_000 }: JournalOptions = {}): Storage {
  return createRecordStorage(openJournalFile(path, lockGraceMs));
}

/** Bytes that no reader can make sense of. */
interface Wound {
  readonly position: number;
  readonly bytes: Buffer;
}

function openJournalFile(path: string, lockGraceMs: number): RecordLog {
  const appending = openSync(path, 'a');
  // A file that is open for appending cannot be written to elsewhere.
  const mending = openSync(path, 'r+');
  const wounds: Wound[] = [];
  let position = 0;
  let lineNumber = 0;

  const readRange = (from: number, to: number): Buffer => {
    const bytes = Buffer.alloc(to - from);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(mending, bytes, length, bytes.length - length, from + length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  };

  const readLine = (line: Buffer): JournalRecord => {
    const record = parseRecord(line);
    if (record) return record;
    for (let start = line.indexOf(recordStart, 1); start > 0; start = line.indexOf(recordStart, start + 1)) {
      const rescued = parseRecord(line.subarray(start));
      if (!rescued) continue;
      wounds.push({ position, bytes: line.subarray(0, start) });
      return rescued;
    }
    const quoted = quoteValue(line.toString('utf8').trimEnd());
    throw new DataError(`${path}:${lineNumber}`, `must be a record of Optuna's journal, got ${quoted}`);
  };

  const read = (): readonly JournalRecord[] => {
    const bytes = readRange(position, fstatSync(mending).size);
    const records: JournalRecord[] = [];
    for (let start = 0; ; ) {
      const end = bytes.indexOf(newline, start) + 1;
      if (end === 0) return records;
      lineNumber++;
      records.push(readLine(bytes.subarray(start, end)));
      position += end - start;
      start = end;
    }
  };

  /** Blanks what is still as it was found; to be called under the lock, when nobody is in the midst of writing. */
  const mend = ({ position, bytes }: Wound): void => {
    if (readRange(position, position + bytes.length).equals(bytes)) {
      writeAll(mending, Buffer.alloc(bytes.length, space), position);
    }
  };

  const append = async (line: string): Promise<void> => {
    const release = await lockJournal(path, lockGraceMs);
    try {
      // Everything up to the end, others' last records included: what is then left is an unfinished line.
      const size = fstatSync(mending).size;
      const tail = readRange(findLineStart(readRange, size), size);
      if (tail.some((byte) => byte !== space)) mend({ position: size - tail.length, bytes: tail });
      for (const wound of wounds.splice(0)) mend(wound);
      writeAll(appending, Buffer.from(line), null);
      fsyncSync(appending);
    } finally {
      release();
    }
  };

  const close = (): void => {
    closeSync(appending);
    closeSync(mending);
  };
  return { read, append, close };
}

/** Where the last line begins that has no end yet; `size` itself where the file ends with a whole line. */
function findLineStart(readRange: (from: number, to: number) => Buffer, size: number): number {
  for (let length = 1; ; length = Math.min(64 * length, size)) {
    const from = Math.max(size - length, 0);
    const end = readRange(from, size).lastIndexOf(newline);
    if (end >= 0) return from + end + 1;
    if (from === 0) return 0;
  }
}

function writeAll(file: number, bytes: Buffer, position: number | null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

function parseRecord(line: Buffer): JournalRecord | null {
  try {
    const record = parsePythonJson(line.toString('utf8'));
    return record !== null && typeof record === 'object' && 'op_code' in record
      ? (record as unknown as JournalRecord)
      : null;
  } catch {
    return null;
  }
}
