import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, truncateSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { checkJson } from '@hitscan/core/checked';
import { z } from 'zod';
import { explainFailure, writeAtomically } from './atomicFile.ts';
import { readRunFile } from './readRunFile.ts';

/** Arrays of float64 by name, beside plain data: what a fit leaves. */
export interface OutcomeRecord<Values> {
  readonly key: string;
  readonly values: Values;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

/** A file to which records are added one by one, each on a line; what a crash leaves half-written is dropped at the next start. */
export interface OutcomeJournal<Values> {
  readonly path: string;
  readonly records: ReadonlyMap<string, OutcomeRecord<Values>>;
  /** When it returns, the record is on the disk. Throws: WriteError where there is no room; no part of it is there then. */
  add(record: OutcomeRecord<Values>): void;
  /**
   * Writes the file anew, each record once, in the order of their keys, which says nothing of when they came, and with what
   * `choose` takes of its values; and closes it.
   */
  settle(choose: (values: Values) => unknown): void;
  close(): void;
}

/** What to do about a line, or the whole file, that is not as it was written. */
export const fitAgain = 'put it back as the run wrote it, or remove it: --resume makes its fits again';

const encode = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

const formatLine = (record: OutcomeRecord<unknown>): string =>
  `${JSON.stringify({ ...record, arrays: mapValues(record.arrays, encode) })}\n`;

const decode = (text: string): Float64Array => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

const isArray = (text: string): boolean => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length % 8 === 0 && bytes.toString('base64') === text && decode(text).every(Number.isFinite);
};

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const arraysSchema = z.record(z.string(), z.string().refine(isArray, 'must be finite float64 numbers in base64'));

/**
 * Opens or begins the file. One process at a time may have it open.
 * Throws: DataError naming the line that is not as it was written.
 */
export function openOutcomeJournal<Values>(path: string, valuesSchema: z.ZodType<Values>): OutcomeJournal<Values> {
  const lineSchema = z.object({ key: z.string(), values: valuesSchema, arrays: arraysSchema });
  const records = new Map<string, OutcomeRecord<Values>>();
  let kept = 0;
  const text = existsSync(path) ? readRunFile(path, fitAgain).toString('utf8') : '';
  for (const [i, line] of text.split(/(?<=\n)/).entries()) {
    // A crash leaves a line without its end.
    if (!line.endsWith('\n')) break;
    const { key, values, arrays } = checkJson(`${path}:${i + 1}`, line.trimEnd(), lineSchema, fitAgain);
    records.set(key, { key, values: values as Values, arrays: mapValues(arrays, decode) });
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
    path,
    records,
    add(record) {
      const bytes = Buffer.from(formatLine(record));
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
    settle(choose) {
      close();
      const ordered = [...records.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
      const lines = ordered.map((record) => formatLine({ ...record, values: choose(record.values) }));
      writeAtomically(dirname(path), basename(path), lines.join(''));
    },
    close,
  };
}
