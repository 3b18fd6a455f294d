import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For tests: a folder of their own for files; call `remove` at the end. */
export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'hitscan-tracks-'));
  return {
    path,
    /** Writes a file and returns its path. */
    write(contents: string | Uint8Array, name = 'tracks.csv'): string {
      const file = join(path, name);
      writeFileSync(file, contents);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
