import { z } from 'zod';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { checkJson } from '../checked.ts';
import type { RunFiles } from './runFiles.ts';

/** Arrays of float64 by name, beside plain data: what a fit leaves. */
export interface KeptOutcome<Values> {
  readonly key: string;
  readonly values: Values;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

/** A file to which records are added one by one, each on a line; what a crash leaves half-written is dropped at the next start. */
export interface OutcomeJournal<Values> {
  readonly path: string;
  readonly records: ReadonlyMap<string, KeptOutcome<Values>>;
  /** When it returns, the record is on the disk. Throws: WriteError where there is no room; no part of it is there then. */
  add(record: KeptOutcome<Values>): void;
  /**
   * Writes the file anew, each record once, in the order of their keys, which says nothing of when they came, and with what
   * `choose` takes of its values; and closes it.
   */
  settle(choose: (values: Values) => unknown): void;
  close(): void;
}

/** What to do about a line, or the whole file, that is not as it was written. */
export const fitAgain = 'put it back as the run wrote it, or remove it: --resume makes its fits again';

const encode = ({ buffer, byteOffset, byteLength }: Float64Array): string =>
  encodeBase64(new Uint8Array(buffer, byteOffset, byteLength));

const formatLine = (record: KeptOutcome<unknown>): string =>
  JSON.stringify({ ...record, arrays: mapValues(record.arrays, encode) });

/** Null where the text is not base64 of whole numbers of eight bytes, all finite. */
function decode(text: string): Float64Array | null {
  const bytes = decodeBase64(text);
  if (bytes === null || bytes.length % 8 !== 0) return null;
  const values = new Float64Array(bytes.buffer);
  return values.every(Number.isFinite) ? values : null;
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const arraysSchema = z.record(
  z.string(),
  z.string().refine((text) => decode(text) !== null, 'must be finite float64 numbers in base64'),
);

/**
 * Opens or begins a run's journal. One process at a time may have it open.
 * Throws: DataError naming the line that is not as it was written.
 */
export function openOutcomeJournal<Values>(
  files: RunFiles,
  name: string,
  valuesSchema: z.ZodType<Values>,
): OutcomeJournal<Values> {
  const lineSchema = z.object({ key: z.string(), values: valuesSchema, arrays: arraysSchema });
  const records = new Map<string, KeptOutcome<Values>>();
  const log = files.openLog(name, fitAgain);
  for (const [i, line] of log.lines.entries()) {
    const { key, values, arrays } = checkJson(`${log.path}:${i + 1}`, line, lineSchema, fitAgain);
    records.set(key, {
      key,
      values: values as Values,
      arrays: mapValues(arrays, (text) => decode(text) as Float64Array),
    });
  }
  return {
    path: log.path,
    records,
    add(record) {
      log.append(formatLine(record));
      records.set(record.key, record);
    },
    settle(choose) {
      const ordered = [...records.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
      log.rewrite(ordered.map((record) => formatLine({ ...record, values: choose(record.values) })));
    },
    close: log.close,
  };
}
