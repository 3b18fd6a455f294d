import { readFileSync } from 'node:fs';
import { ConfigError } from '@hitscan/core/errors';
import type { TunableName } from '@hitscan/core/optionNames';
import { quoteValue } from '@hitscan/core/quoteValue';
import { checkSpace, type SpaceDeclaration } from '@hitscan/core/tune';

/** Reads a declaration from a JSON file. Throws: ConfigError. */
export function readSpaceFile(path: string, model: TunableName): SpaceDeclaration {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('--space', `must be a file that can be read, got ${JSON.stringify(path)} (${code})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(path, `must be JSON, got ${quoteValue(text.trim())}`);
  }
  return checkSpace(path, value, model);
}
