import { z } from 'zod';
import { DataError } from '../errors.ts';
import type { ReadResult } from '../readers/readCsv.ts';
import { type Split, splitKinds, splitTracks } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import type { RunConfig } from './configuration.ts';
import { putBack, type RunFiles } from './runFiles.ts';
import type { RunRecord } from './runRecord.ts';
import type { Timings } from './timings.ts';

/** Both do the same: the one to compare models, the other to search for settings at length. */
export type TrainingCommand = 'train' | 'tune';

/** A run of `train` or `tune` with all that it starts from. */
export interface PreparedRun {
  readonly files: RunFiles;
  readonly record: RunRecord;
  readonly timings: Timings;
  readonly songs: ReadResult;
  readonly split: Split;
  /** Where the study lies, with the password that no file of the run holds; null where the record knows. */
  readonly storageAddress: string | null;
}

/** The file whose presence marks a run as finished. */
export const resultsFile = 'metrics.json';

export const splitFile = 'split.json';

const rowsSchema = z.array(z.int().min(0));
const splitFileSchema = z.object({
  kind: z.enum(splitKinds),
  seed: z.int(),
  train: rowsSchema,
  validation: rowsSchema,
  test: rowsSchema,
  note: z.string(),
});
export type SplitFile = z.infer<typeof splitFileSchema>;

/** Cuts songs into the parts that a configuration asks for. */
export const cutSplit = (tracks: Tracks, { split: kind, seed, testShare, validationShare }: RunConfig): Split =>
  splitTracks(tracks, { kind, seed, testShare, validationShare });

/**
 * The rows of each part of a run: cut anew, and held against those that the run began with.
 * Throws: DataError where these are others, so that no song that was trained on is ever held out.
 */
export function readSplit(files: RunFiles, tracks: Tracks, config: RunConfig): Split {
  const stored = files.readJson(splitFile, splitFileSchema, putBack);
  const split = cutSplit(tracks, config);
  const expectSame = (field: string, found: unknown, wanted: unknown) => {
    if (found === wanted) return;
    const rule = `must be ${wanted ?? 'none'} as the songs and config.json give, got ${found ?? 'none'}`;
    throw new DataError(`${files.locate(splitFile)} ${field}`, `${rule}; ${putBack}`);
  };
  expectSame('kind', stored.kind, split.kind);
  expectSame('seed', stored.seed, split.seed);
  for (const part of ['train', 'validation', 'test'] as const) {
    const rows = Math.max(stored[part].length, split[part].length);
    for (let i = 0; i < rows; i++) expectSame(`${part}[${i}]`, stored[part][i], split[part][i]);
  }
  return split;
}
