import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, DataError } from '@hitscan/core/errors';
import type { RunStore } from '@hitscan/core/pipeline';
import { makeFolders, removePartials, writeAtomically } from './atomicFile.ts';
import { openLineLog } from './lineLog.ts';
import { readRunFile } from './readRunFile.ts';

/** The files of one run in a folder. Folders that a file's name has in it are made, again where somebody has removed them. */
function openFolder(path: string): RunStore {
  const locate = (name: string) => join(path, name);
  return {
    path,
    locate,
    has: (name) => existsSync(locate(name)),
    read: (name, remedy) => readRunFile(locate(name), remedy),
    write: (name, content) => writeAtomically(path, name, content),
    removeFolder: (name) => rmSync(locate(name), { recursive: true, force: true }),
    openLog: (name, remedy) => openLineLog(locate(name), remedy),
  };
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
export function createRunDirectory(name: string, out: string | null, now = new Date()): RunStore {
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
    mkdirSync(join(path, 'checkpoint'));
    mkdirSync(join(path, 'models'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ConfigError || !code) throw error;
    throw new ConfigError('--out', `must be a folder that can be made, got ${JSON.stringify(out ?? 'runs')} (${code})`);
  }
  return openFolder(path);
}

/** Opens an existing run. Throws: DataError where there is none. */
export function openRunDirectory(path: string): RunStore {
  if (!existsSync(join(path, 'config.json'))) {
    throw new DataError(path, 'must be the folder of a run, got no config.json in it');
  }
  removePartials(path);
  return openFolder(path);
}
