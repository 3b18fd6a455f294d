import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { openLineLog } from './lineLog.ts';

const folder = makeTestFolder('log');

test('a line that a crash has left half-written is dropped with the next one that is added, and not before', () => {
  const path = join(folder, 'fits.jsonl');
  const log = openLineLog(path, 'remove it');
  for (const line of ['a', 'é', 'c']) log.append(line);
  log.close();
  truncateSync(path, readFileSync(path).length - 1);
  const again = openLineLog(path, 'remove it');
  expect(again.lines).toEqual(['a', 'é']);
  expect(readFileSync(path, 'utf8')).toBe('a\né\nc');
  again.append('d');
  again.close();
  expect(openLineLog(path, 'remove it').lines).toEqual(['a', 'é', 'd']);
});

test('all is written anew, and the rest of the lines are what was given', () => {
  const path = join(folder, 'anew.jsonl');
  appendFileSync(path, 'b\na\n');
  const log = openLineLog(path, 'remove it');
  log.append('c');
  log.rewrite(['a', 'b']);
  log.close();
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
});

test('a folder in its place is refused, with the remedy', () => {
  expect(() => openLineLog(folder, 'remove it')).toThrow(/must be a file, got a folder; remove it/);
});
