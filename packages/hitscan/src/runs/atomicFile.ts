import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Ends the names of files that are still being written. They lie beside the run's folder, never in it. */
const suffix = '.partial';

function partialPrefix(folder: string): string {
  return `.${basename(resolve(folder))}.`;
}

function writeThrough(partial: string, target: string, pieces: Iterable<string | Uint8Array>): void {
  const file = openSync(partial, 'w');
  try {
    for (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, target);
}

/**
 * Writes a file of a run so that, whatever happens meanwhile, `folder` holds the whole new file, or the old one, or none.
 */
export function writeAtomically(folder: string, name: string, contents: string | Uint8Array): void {
  const label = `${partialPrefix(folder)}${name.replaceAll('/', '-')}.${process.pid}${suffix}`;
  writeThrough(join(dirname(resolve(folder)), label), join(folder, name), [contents]);
}

/** Writes a file by itself, in pieces: whole, or the old one stays. */
export function writeFileInPieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  writeThrough(`${path}.${process.pid}${suffix}`, path, pieces);
}

/** The same with its contents at once. */
export function writeFileAtomically(path: string, contents: string | Uint8Array): void {
  writeFileInPieces(path, [contents]);
}

/** Removes what a killed process left half-written beside a run's folder. */
export function removePartials(folder: string): void {
  const beside = dirname(resolve(folder));
  for (const name of readdirSync(beside)) {
    if (name.startsWith(partialPrefix(folder)) && name.endsWith(suffix)) rmSync(join(beside, name), { force: true });
  }
}
