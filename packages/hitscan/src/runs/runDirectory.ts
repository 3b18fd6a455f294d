import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkJson } from '@hitscan/core/checked';
import { ConfigError, DataError } from '@hitscan/core/errors';
import { type Checkpoints, decodeModel, encodeModel, type SavedModel } from '@hitscan/core/models';
import type { z } from 'zod';
import { makeFolders, removePartials, writeAtomically } from './atomicFile.ts';
import { makeAgain, readRunFile } from './readRunFile.ts';

/** Holds what a resumed run needs and a finished one does not. */
const checkpointFolder = 'checkpoint';

/**
 * A folder with one run's files, each of them complete. Folders that a file's name has in it are made, again where somebody
 * has removed them. Writing throws WriteError where the run's folder is gone, or its disk is full.
 */
export interface RunDirectory {
  readonly path: string;
  has(name: string): boolean;
  writeJson(name: string, value: unknown): void;
  /**
   * A file as it stands, under its schema. Throws: DataError, with the remedy, when the file is missing, no JSON or not as the
   * schema has it.
   */
  readJson<T>(name: string, schema: z.ZodType<T>, remedy: string): T;
  writeText(name: string, text: string): void;
  writeBytes(name: string, bytes: Uint8Array): void;
  writeModel(name: string, model: SavedModel): void;
  /** Null where there is no such file. Throws: DataError, see decodeModel. */
  readModel(name: string): SavedModel | null;
  /** The state of one model's fit. */
  checkpoints(model: string): Checkpoints;
  /** Removes all checkpoints: the run is finished. */
  removeCheckpoints(): void;
}

function openFolder(path: string): RunDirectory {
  const directory: RunDirectory = {
    path,
    has: (name) => existsSync(join(path, name)),
    writeJson: (name, value) => writeAtomically(path, name, `${JSON.stringify(value, null, 2)}\n`),
    readJson(name, schema, remedy) {
      const file = join(path, name);
      return checkJson(file, readRunFile(file, remedy).toString('utf8'), schema, remedy);
    },
    writeText: (name, text) => writeAtomically(path, name, text),
    writeBytes: (name, bytes) => writeAtomically(path, name, bytes),
    writeModel: (name, model) => writeAtomically(path, name, encodeModel(model)),
    readModel(name) {
      const file = join(path, name);
      return existsSync(file) ? decodeModel(file, readRunFile(file, makeAgain)) : null;
    },
    checkpoints: (model) => ({
      load: () => directory.readModel(`${checkpointFolder}/${model}.safetensors`),
      save: (state) => directory.writeModel(`${checkpointFolder}/${model}.safetensors`, state),
    }),
    removeCheckpoints: () => rmSync(join(path, checkpointFolder), { recursive: true, force: true }),
  };
  return directory;
}

/** `2026-01-31T12-00-00`, in UTC: sorts by time and is a file name everywhere. */
function timeStamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(':', '-');
}

function makeNumbered(base: string): string {
  for (let number = 1; ; number++) {
    const path = number === 1 ? base : `${base}-${number}`;
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Makes the folder of a new run: `out`, or `runs/<time>-<name>` with a number behind it where that exists.
 * Throws: ConfigError when `out` exists and is not empty, or cannot be made.
 */
export function createRunDirectory(name: string, out: string | null, now = new Date()): RunDirectory {
  let path: string;
  try {
    if (out === null) {
      makeFolders(resolve('runs'));
      path = makeNumbered(join('runs', `${timeStamp(now)}-${name}`));
    } else {
      if (existsSync(out) && readdirSync(out).length > 0) {
        throw new ConfigError('--out', `must be a new or an empty folder, got ${JSON.stringify(out)}`);
      }
      makeFolders(resolve(out));
      path = out;
    }
    mkdirSync(join(path, checkpointFolder));
    mkdirSync(join(path, 'models'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ConfigError || !code) throw error;
    throw new ConfigError('--out', `must be a folder that can be made, got ${JSON.stringify(out ?? 'runs')} (${code})`);
  }
  return openFolder(path);
}

/** Opens an existing run. Throws: DataError where there is none. */
export function openRunDirectory(path: string): RunDirectory {
  if (!existsSync(join(path, 'config.json'))) {
    throw new DataError(path, 'must be the folder of a run, got no config.json in it');
  }
  removePartials(path);
  return openFolder(path);
}
