import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ConfigError, WriteError } from '@hitscan/core/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeAtomically, writeFileAtomically } from './atomicFile.ts';
import { createRunDirectory, openRunDirectory } from './runDirectory.ts';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'hitscan-files-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('a file of a run', () => {
  // 255 bytes are the longest name that common file systems take.
  test.each([1, 230, 250, 255])('is written into a folder whose name has %i letters', (length) => {
    const out = join(place, 'n'.repeat(length));
    const run = createRunDirectory('songs', out);
    run.write('a.txt', 'one');
    run.write('a.txt', 'two');
    run.write(`trials/${'n'.repeat(250)}`, 'three');
    expect(readFileSync(join(out, 'a.txt'), 'utf8')).toBe('two');
    expect(readdirSync(place)).toEqual([basename(out)]);
  });

  test.skipIf(!existsSync('/dev/shm'))('is written through a link to another file system', () => {
    const there = mkdtempSync('/dev/shm/hitscan-files-');
    try {
      symlinkSync(there, join(place, 'link'));
      const run = createRunDirectory('songs', join(place, 'link'));
      run.write('models/a.txt', 'one');
      expect(readFileSync(join(there, 'models', 'a.txt'), 'utf8')).toBe('one');
      expect(readdirSync(there).sort()).toEqual(['checkpoint', 'models']);
      expect(readdirSync(place)).toEqual(['link']);
    } finally {
      rmSync(there, { recursive: true });
    }
  });

  // The root of a file system of its own: nothing beside it could be renamed into it.
  test.skipIf(!existsSync('/dev/shm'))('is written within a mount point, where nothing is left of it', () => {
    const name = `hitscan-test-${process.pid}.txt`;
    try {
      writeAtomically('/dev/shm', name, 'one');
      expect(readFileSync(`/dev/shm/${name}`, 'utf8')).toBe('one');
      expect(existsSync('/dev/shm/.partial')).toBe(false);
    } finally {
      rmSync(`/dev/shm/${name}`, { force: true });
    }
  });

  test('brings back folders that somebody has removed', () => {
    const run = createRunDirectory('songs', join(place, 'run'));
    rmSync(join(run.path, 'models'), { recursive: true });
    rmSync(join(run.path, 'checkpoint'), { recursive: true });
    run.write('models/linear.safetensors', 'linear');
    run.write('checkpoint/mamba.safetensors', 'step 1');
    expect(run.has('models/linear.safetensors')).toBe(true);
    expect(String(run.read('checkpoint/mamba.safetensors', ''))).toBe('step 1');
  });

  test('is refused where the whole folder is gone, and brings nothing back', () => {
    const run = createRunDirectory('songs', join(place, 'run'));
    rmSync(run.path, { recursive: true });
    expect(() => run.write('data.json', '{}')).toThrow(WriteError);
    expect(() => run.write('data.json', '{}')).toThrow(/run: must stay there while data.json is written/);
    expect(readdirSync(place)).toEqual([]);
  });

  test.skipIf(!existsSync('/dev/full'))('leaves the old one and no part of itself on a full disk', () => {
    const run = createRunDirectory('songs', join(place, 'run'));
    run.write('a.txt', 'one');
    // What is written beside the folder goes to a device that is full.
    const label = findLabel(run.path, 'a.txt');
    symlinkSync('/dev/full', join(place, label));
    expect(() => run.write('a.txt', 'two')).toThrow(/a\.txt: must have room on its disk, got none \(ENOSPC\)/);
    expect(readFileSync(join(run.path, 'a.txt'), 'utf8')).toBe('one');
    expect(readdirSync(place)).toEqual(['run']);
  });
});

/** The name that a file has while it is written, seen by putting a folder where it is to go: then it cannot be renamed. */
function findLabel(folder: string, name: string): string {
  rmSync(join(folder, name), { force: true });
  mkdirSync(join(folder, name));
  try {
    writeAtomically(folder, name, '');
    return '';
  } catch (error) {
    return basename(((error as Error).cause as NodeJS.ErrnoException).path ?? '');
  } finally {
    rmSync(join(folder, name), { recursive: true });
    writeAtomically(folder, name, 'one');
  }
}

test('what a killed process left is removed when the run is opened, beside it and in it, and nothing else', () => {
  const run = createRunDirectory('songs', join(place, 'run'));
  run.write('config.json', '{}');
  const label = findLabel(run.path, 'a.txt');
  writeFileSync(join(place, label.replace(/-\d+\.partial$/, '-1.partial')), 'ha');
  mkdirSync(join(run.path, '.partial'));
  writeFileSync(join(run.path, '.partial', label), 'ha');
  writeFileSync(join(place, '.other.partial'), 'not ours');
  openRunDirectory(run.path);
  expect(readdirSync(place).sort()).toEqual(['.other.partial', 'run']);
  expect(readdirSync(run.path).sort()).toEqual(['a.txt', 'checkpoint', 'config.json', 'models']);
});

test('a file by itself may have the longest name there is', () => {
  const path = join(place, `${'n'.repeat(250)}.html`);
  writeFileAtomically(path, 'one');
  expect(readFileSync(path, 'utf8')).toBe('one');
  expect(readdirSync(place)).toHaveLength(1);
});

test.each([
  // On Linux `mkdir -p` of Node never returns here.
  ...(existsSync('/proc') ? ['/proc/x', '/proc/x/y'] : []),
  `/tmp/${'n'.repeat(256)}`,
  '/dev/null',
  '/dev/null/x',
])('an --out that cannot be a folder is refused: %s', (out) => {
  expect(() => createRunDirectory('songs', out)).toThrow(ConfigError);
});

describe('a file by itself', () => {
  test('is written through a link, which stays', () => {
    writeFileSync(join(place, 'there'), 'old');
    symlinkSync(join(place, 'there'), join(place, 'link'));
    writeFileAtomically(join(place, 'link'), 'new');
    expect(readFileSync(join(place, 'there'), 'utf8')).toBe('new');
    expect(lstatSync(join(place, 'link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(place).toSorted()).toEqual(['link', 'there']);
  });

  test.skipIf(process.platform === 'win32')('takes the place of no device, and of no folder', () => {
    // By a link, so that a fault costs the link alone.
    symlinkSync('/dev/null', join(place, 'device'));
    writeFileAtomically(join(place, 'device'), 'text');
    expect(statSync(join(place, 'device')).isCharacterDevice()).toBe(true);
    mkdirSync(join(place, 'folder'));
    expect(() => writeFileAtomically(join(place, 'folder'), 'text')).toThrow(/is no file/);
  });
});
