import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { writeAtomically } from './atomicFile.ts';

/** Arrays of float64 by name, beside plain data: what a fit leaves. */
export interface JournalRecord {
  readonly key: string;
  readonly values: unknown;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

/** A file to which records are added one by one, each on a line; what a crash leaves half-written is dropped at the next start. */
export interface OutcomeJournal {
  readonly records: ReadonlyMap<string, JournalRecord>;
  /** When it returns, the record is on the disk. */
  add(record: JournalRecord): void;
  /**
   * Writes the file anew, each record once, in the order of their keys, which says nothing of when they came, and with what
   * `choose` takes of its values; and closes it.
   */
  settle(choose: (values: unknown) => unknown): void;
  close(): void;
}

const encode = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

const formatLine = (record: JournalRecord): string =>
  `${JSON.stringify({ ...record, arrays: mapValues(record.arrays, encode) })}\n`;

const decode = (text: string): Float64Array => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

function readLine(line: string): JournalRecord | null {
  try {
    const { key, values, arrays } = JSON.parse(line);
    return { key, values, arrays: mapValues(arrays as Record<string, string>, decode) };
  } catch {
    return null;
  }
}

/** Opens or begins the file. One process at a time may have it open. */
export function openOutcomeJournal(path: string): OutcomeJournal {
  const records = new Map<string, JournalRecord>();
  let kept = 0;
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split(/(?<=\n)/) : []) {
    const record = line.endsWith('\n') ? readLine(line) : null;
    if (!record) break;
    records.set(record.key, record);
    kept += Buffer.byteLength(line);
  }
  const file = openSync(path, 'a');
  truncateSync(path, kept);
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    records,
    add(record) {
      const bytes = Buffer.from(formatLine(record));
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
      records.set(record.key, record);
    },
    settle(choose) {
      close();
      const ordered = [...records.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
      const lines = ordered.map((record) => formatLine({ ...record, values: choose(record.values) }));
      writeAtomically(dirname(path), basename(path), lines.join(''));
    },
    close,
  };
}
