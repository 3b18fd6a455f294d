import { readFileSync } from 'node:fs';
import { ConfigError } from '@hitscan/core/errors';
import type { TunableName } from '@hitscan/core/optionNames';
import { checkConfig, type GivenConfig } from '@hitscan/core/pipeline';
import { quoteValue } from '@hitscan/core/quoteValue';
import { checkSpace, type SpaceDeclaration } from '@hitscan/core/tune';

/** `key=value` pairs; a value is JSON where it can be, else text. Throws: ConfigError. */
export function parseAssignments(assignments: readonly string[]): GivenConfig {
  // Without a prototype, so that any key is one of its own.
  const values: Record<string, unknown> = Object.create(null);
  for (const assignment of assignments) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (key === undefined) throw new ConfigError('--set', `must be key=value, got ${quoteValue(assignment)}`);
    if (key in values) throw new ConfigError('--set', `must name each setting once, got ${quoteValue(key)} twice`);
    try {
      values[key] = JSON.parse(text);
    } catch {
      values[key] = text;
    }
  }
  return checkConfig('--set', values);
}

/** Throws: ConfigError when the file cannot be read, is no JSON or holds an unknown or wrong setting. */
export function readConfigFile(path: string): GivenConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(
      '--config',
      `must be a file that can be read, got ${JSON.stringify(path)} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  try {
    return checkConfig(path, JSON.parse(text));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(path, 'must be JSON');
  }
}

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
