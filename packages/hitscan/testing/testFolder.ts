import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** For tests: a new folder, removed after the tests of the file or of the `describe` that it is made in. */
export function makeTestFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `hitscan-${name}-`));
  // A process that was killed may still write for a moment.
  afterAll(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}
