import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, truncateSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LineLog } from '@hitscan/core/pipeline';
import { explainFailure, writeAtomically } from './atomicFile.ts';
import { readRunFile } from './readRunFile.ts';

/**
 * Opens or begins a file that lines are added to; what a crash has left half-written is dropped. One process at a time may have
 * it open. Throws: DataError, with the remedy, where it cannot be read.
 */
export function openLineLog(path: string, remedy: string): LineLog {
  const text = existsSync(path) ? readRunFile(path, remedy).toString('utf8') : '';
  // A crash leaves a line without its end.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  let kept = Buffer.byteLength(whole);
  // Opened with the first line that is added: what is only read stays as it is.
  let file: number | null = null;
  const open = (): number => {
    const opened = openSync(path, 'a');
    truncateSync(path, kept);
    return opened;
  };
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };
  return {
    path,
    lines,
    append(line) {
      const bytes = Buffer.from(`${line}\n`);
      file ??= open();
      try {
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
        fsyncSync(file);
      } catch (error) {
        ftruncateSync(file, kept);
        throw explainFailure(error, dirname(path), basename(path));
      }
      kept += bytes.length;
    },
    rewrite(all) {
      close();
      writeAtomically(dirname(path), basename(path), all.map((line) => `${line}\n`).join(''));
    },
    close,
  };
}
