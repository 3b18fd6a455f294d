import type { z } from 'zod';
import { checkJson } from '../checked.ts';
import { decodeModel, encodeModel } from '../models/modelFile.ts';
import type { Checkpoints, SavedModel } from '../models/regressor.ts';

/** Text that lines are added to. A host drops a last line that an interruption has left half-written. */
export interface LineLog {
  /** For messages. */
  readonly path: string;
  /** Those of before it was opened, without their ends. */
  readonly lines: readonly string[];
  /** When it returns, the line will outlast the process. Throws: WriteError where there is no room; no part of it is there then. */
  append(line: string): void;
  /** Writes all anew and closes. */
  rewrite(lines: readonly string[]): void;
  close(): void;
}

/**
 * The files of one run, by names with `/` for folders, each of them complete at all times. Writing throws WriteError where the
 * run is gone, or there is no room.
 */
export interface RunStore {
  /** Where the run lies, as people would name it. */
  readonly path: string;
  /** A file's name as messages give it. */
  locate(name: string): string;
  has(name: string): boolean;
  /** Throws: DataError, with the remedy, where there is no file that can be read. */
  read(name: string, remedy: string): Uint8Array;
  write(name: string, content: string | Uint8Array): void;
  /** Removes all files in a folder. */
  removeFolder(name: string): void;
  openLog(name: string, remedy: string): LineLog;
}

/** What to do about a file without which a run is none. */
export const putBack = 'put it back as the run wrote it, or begin a new run';

/** What to do about a file of results that an unfinished run can find again. */
export const makeAgain = 'put it back as the run wrote it, or remove it: --resume makes it again';

/** Holds what a resumed run needs and a finished one does not. */
const checkpointFolder = 'checkpoint';

/** The files of a run as the pipeline uses them: checked documents, models, checkpoints. */
export interface RunFiles extends RunStore {
  writeJson(name: string, value: unknown): void;
  /**
   * A document as it stands, under its schema; `migrate` gives what an older version wrote the form that the schema has.
   * Throws: DataError, with the remedy, where it is missing, no JSON or breaks the schema.
   */
  readJson<T>(name: string, schema: z.ZodType<T>, remedy: string, migrate?: (value: unknown) => unknown): T;
  writeModel(name: string, model: SavedModel): void;
  /** Null where there is none. Throws: DataError where it is no model's file. */
  readModel(name: string): SavedModel | null;
  /** The state of one model's fit. */
  checkpoints(model: string): Checkpoints;
  /** Removes all checkpoints: the run is finished. */
  removeCheckpoints(): void;
}

export function openRunFiles(store: RunStore): RunFiles {
  const decoder = new TextDecoder();
  const files: RunFiles = {
    ...store,
    writeJson: (name, value) => store.write(name, `${JSON.stringify(value, null, 2)}\n`),
    readJson: (name, schema, remedy, migrate) =>
      checkJson(store.locate(name), decoder.decode(store.read(name, remedy)), schema, remedy, migrate),
    writeModel: (name, model) => store.write(name, encodeModel(model)),
    readModel: (name) => (store.has(name) ? decodeModel(store.locate(name), store.read(name, makeAgain)) : null),
    checkpoints: (model) => ({
      load: () => files.readModel(`${checkpointFolder}/${model}.safetensors`),
      save: (state) => files.writeModel(`${checkpointFolder}/${model}.safetensors`, state),
    }),
    removeCheckpoints: () => store.removeFolder(checkpointFolder),
  };
  return files;
}
