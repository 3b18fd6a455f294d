import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { explainFailure } from './atomicFile.ts';

/** Arrays of float64 by name, beside plain data: what a fit leaves. */
export interface JournalRecord {
  readonly key: string;
  readonly values: unknown;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

/** A file to which records are added one by one, each on a line; what a crash leaves half-written is dropped at the next start. */
export interface OutcomeJournal {
  readonly records: ReadonlyMap<string, JournalRecord>;
  /** When it returns, the record is on the disk. Throws: WriteError where there is no room; no part of it is there then. */
  add(record: JournalRecord): void;
  close(): void;
}

const encode = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

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
  return {
    records,
    add(record) {
      const line = JSON.stringify({ ...record, arrays: mapValues(record.arrays, encode) });
      const bytes = Buffer.from(`${line}\n`);
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
        fsyncSync(file);
      } catch (error) {
        ftruncateSync(file, kept);
        throw explainFailure(error, dirname(path), basename(path));
      }
      kept += bytes.length;
      records.set(record.key, record);
    },
    close: () => closeSync(file),
  };
}
