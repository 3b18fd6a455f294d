import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { ConfigError, DataError } from '@hitscan/core/errors';
import { quoteValue } from '@hitscan/core/quoteValue';
import type { JournalRecord, Json, Notify, Storage } from '@hitscan/core/tune';
import { createRecordCheck, createRecordStorage, parsePythonJson, type RecordLog } from '@hitscan/core/tune';
import { lockJournal } from './journalLock.ts';
import { explainFileErrors, prepareStorageFile } from './storageFile.ts';

const newline = 0x0a;
const space = 0x20;
/** Every record of Optuna's and ours begins so; within a string the quotes would be escaped. */
const recordStart = '{"op_code":';
/** How many bytes tell what a file is; longer than a record. */
const longestLook = 65_536;

export interface JournalOptions {
  /** How long a lock may stay the same before its holder counts as dead; Optuna's 30 seconds. */
  readonly lockGraceMs?: number;
  /** Is told of waits for the lock that are long enough to be noticed. */
  readonly notify?: Notify;
}

/**
 * A study storage in Optuna's journal file: one JSON record a line, only ever appended to, under Optuna's lock. Python's
 * Optuna opens the same file as `JournalStorage(JournalFileBackend(path))`, at the same time where need be.
 *
 * A line that a dying writer left unfinished counts for nobody. Before anything is appended its bytes become spaces, which
 * JSON allows before a record: what follows stays readable to all, and no reader's position moves. The same rescues a record
 * that Optuna has appended to such a line. Blank lines count for nothing.
 *
 * Throws: ConfigError where the file cannot be used, DataError where it begins as no journal does; reading it throws the
 * latter, too, with the number of the line.
 */
export function openJournal(path: string, { lockGraceMs = 30_000, notify = () => {} }: JournalOptions = {}): Storage {
  prepareStorageFile(path);
  return createRecordStorage(
    openJournalFile(path, (work) => lockJournal(path, { graceMs: lockGraceMs, notify }, work)),
  );
}

/** Bytes that no reader can make sense of. */
interface Wound {
  readonly position: number;
  readonly bytes: Buffer;
}

function openJournalFile(path: string, underLock: (work: () => void) => Promise<void>): RecordLog {
  const appending = explainFileErrors(path, () => openSync(path, 'a'));
  // A file that is open for appending cannot be written to elsewhere.
  const mending = explainFileErrors(path, () => openSync(path, 'r+'));
  const wounds: Wound[] = [];
  const check = createRecordCheck();
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

  const refuse = (problem: string): never => {
    throw new DataError(`${path}:${lineNumber}`, problem);
  };

  const findRecord = (line: Buffer): Json | null => {
    const record = parseRecord(line);
    if (record !== null) return record;
    for (let start = line.indexOf(recordStart, 1); start > 0; start = line.indexOf(recordStart, start + 1)) {
      const rescued = parseRecord(line.subarray(start));
      if (rescued === null) continue;
      wounds.push({ position, bytes: line.subarray(0, start) });
      return rescued;
    }
    return null;
  };

  const readLine = (line: Buffer): JournalRecord => {
    const record = findRecord(line);
    if (record === null || typeof record !== 'object' || !('op_code' in record)) {
      const quoted = quoteValue(line.toString('utf8', 0, longestLook).trimEnd());
      return refuse(`must be a record of Optuna's journal, got ${quoted}`);
    }
    const checked = check(record);
    return 'broken' in checked ? refuse(`must be a record of Optuna's journal; ${checked.broken}`) : checked;
  };

  const read = (): readonly JournalRecord[] => {
    const bytes = readRange(position, fstatSync(mending).size);
    const records: JournalRecord[] = [];
    for (let start = 0; ; ) {
      const end = bytes.indexOf(newline, start) + 1;
      if (end === 0) return records;
      lineNumber++;
      const line = bytes.subarray(start, end);
      if (!isBlank(line)) records.push(readLine(line));
      position += end - start;
      start = end;
    }
  };

  /** What is something else is not to be read to its end, which may be far, and never to be mended as an unfinished line. */
  const requireJournal = (): void => {
    const start = readRange(0, longestLook).toString('utf8').trimStart();
    if (start.startsWith('{') && start.includes('\n')) return;
    if (recordStart.startsWith(start.replaceAll(/\s/g, '').slice(0, recordStart.length))) return;
    lineNumber = 1;
    refuse(`must be a record of Optuna's journal, got ${quoteValue(start)}`);
  };

  /** Blanks what is still as it was found; to be called under the lock, when nobody is in the midst of writing. */
  const mend = ({ position, bytes }: Wound): void => {
    if (readRange(position, position + bytes.length).equals(bytes)) {
      writeAll(mending, Buffer.alloc(bytes.length, space), position);
    }
  };

  const append = (line: string): Promise<void> =>
    underLock(() => {
      if (fstatSync(mending).nlink === 0)
        throw new ConfigError(path, 'must remain while it is in use, was removed or replaced');
      // Everything up to the end, others' last records included: what is then left is an unfinished line.
      const size = fstatSync(mending).size;
      const tail = readRange(findLineStart(readRange, size), size);
      if (!isBlank(tail)) mend({ position: size - tail.length, bytes: tail });
      for (const wound of wounds.splice(0)) mend(wound);
      writeAll(appending, Buffer.from(line), null);
      fsyncSync(appending);
    });

  const close = (): void => {
    closeSync(appending);
    closeSync(mending);
  };
  requireJournal();
  return { read: () => explainFileErrors(path, read), append, close };
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

function isBlank(line: Buffer): boolean {
  return line.toString('latin1').trim() === '';
}

function parseRecord(line: Buffer): Json | null {
  try {
    return parsePythonJson(line.toString('utf8'));
  } catch {
    return null;
  }
}
