import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WriteError } from '@hitscan/core/errors';

/** Ends the names of files that are still being written. */
const suffix = '.partial';

/** Where files are written that cannot be written beside the run's folder. */
const insideFolder = '.partial';

/** A few letters for a name, which with more beside it could be longer than a file's name may be. */
function shortName(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

function partialPrefix(folder: string): string {
  return `.hitscan-${shortName(basename(folder))}-`;
}

/** Makes a folder and those above it, but not `top`. `mkdir`'s own way of doing so never returns under /proc. */
export function makeFolders(path: string, top?: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path && above !== top) makeFolders(above, top);
  mkdirSync(path);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** `settle` is done before the file is closed. */
function writePieces(
  path: string,
  pieces: Iterable<string | Uint8Array>,
  settle: (file: number) => void = () => {},
): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    }
    settle(file);
  } finally {
    closeSync(file);
  }
}

function writeThrough(partial: string, target: string, pieces: Iterable<string | Uint8Array>): void {
  try {
    writePieces(partial, pieces, fsyncSync);
    renameSync(partial, target);
  } catch (error) {
    // It would take the room that is missing.
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Beside a folder nothing can be written, or nothing that could be renamed into it: the folder may be a mount point. */
const unusable = new Set(['EXDEV', 'EACCES', 'EPERM', 'EROFS']);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/**
 * Writes a file of a run so that, whatever happens meanwhile, the old file, the whole new one, or none has its name. Folders
 * that the name has in it are made.
 *
 * A file under way lies beside the folder. Where the folder is a mount point, or the folder above is not ours to write in, it
 * lies in `.partial` within it: a file can only be renamed within its file system.
 * Throws: WriteError where it cannot be written: the folder is gone, the disk is full.
 */
export function writeAtomically(folder: string, name: string, contents: string | Uint8Array): void {
  for (let attempt = 1; ; attempt++) {
    try {
      writeOnce(folder, name, contents);
      return;
    } catch (error) {
      // A folder within, removed between being made and the file's coming into it.
      if (codeOf(error) === 'ENOENT' && attempt < mostAttempts && isFolder(folder)) continue;
      throw explainFailure(error, folder, name);
    }
  }
}

/** Whoever goes on removing folders is not to keep a run for ever. */
const mostAttempts = 10;

function writeOnce(folder: string, name: string, contents: string | Uint8Array): void {
  // A link's target may lie on another file system than the link.
  const real = realpathSync(folder);
  const target = join(real, name);
  makeFolders(dirname(target), real);
  const label = `${partialPrefix(real)}${shortName(name)}-${process.pid}${suffix}`;
  if (statSync(dirname(real)).dev === statSync(real).dev) {
    try {
      writeThrough(join(dirname(real), label), target, [contents]);
      return;
    } catch (error) {
      if (!unusable.has(codeOf(error))) throw error;
    }
  }
  const inside = join(real, insideFolder);
  makeFolders(inside, real);
  try {
    writeThrough(join(inside, label), target, [contents]);
  } finally {
    rmSync(inside, { recursive: true, force: true });
  }
}

/** Why a run's file could not be written, in words. What is no failure of the disk stays as it is. */
export function explainFailure(error: unknown, folder: string, name: string): unknown {
  const code = codeOf(error);
  const file = join(folder, name);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const rule = `must have room on its disk, got none (${code}); make room and go on with --resume`;
    return new WriteError(file, rule, error);
  }
  if (code === 'ENOENT' && !isFolder(folder)) {
    const rule = `must stay there while ${name} is written, got no such folder; was it removed or moved?`;
    return new WriteError(folder, rule, error);
  }
  return code === '' ? error : new WriteError(file, `must be written, got ${code}`, error);
}

/**
 * Writes a file by itself, in pieces: whole, or the old one stays. A link's target is written, and the link stays. A device such as
 * `/dev/null` is written to as it is: a file renamed to its name would take its place. Throws: EINVAL for a pipe or a folder.
 */
export function writeFileInPieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isCharacterDevice()) {
    writePieces(path, pieces);
    return;
  }
  // Opening a pipe that nobody reads would never return.
  if (there && !there.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: 'EINVAL' });
  const target = there ? realpathSync(path) : path;
  const label = `.hitscan-${shortName(basename(target))}-${process.pid}${suffix}`;
  writeThrough(join(dirname(target), label), target, pieces);
}

/** The same with its contents at once. */
export function writeFileAtomically(path: string, contents: string | Uint8Array): void {
  writeFileInPieces(path, [contents]);
}

/** Removes what a killed process left half-written beside a run's folder or in it. */
export function removePartials(folder: string): void {
  const real = realpathSync(folder);
  const beside = dirname(real);
  try {
    rmSync(join(real, insideFolder), { recursive: true, force: true });
    for (const name of readdirSync(beside)) {
      if (name.startsWith(partialPrefix(real)) && name.endsWith(suffix)) rmSync(join(beside, name), { force: true });
    }
  } catch (error) {
    // A run may be read where nothing may be written.
    if (!unusable.has(codeOf(error))) throw error;
  }
}
