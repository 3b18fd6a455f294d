import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeTracks, readTracks } from '@hitscan/core/readers';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, readContents } from '../../../core/testing/madeCsv.ts';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { openFile } from './openFile.ts';

const folder = makeTestFolder('files');

function write(contents: string | Uint8Array, name = 'tracks.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const readFile = async (path: string) => readTracks(await openFile(path));
const good = makeCsv(Array.from({ length: 25 }, (_, i) => makeSong(i)));

test('a file of several pieces is the same table as its bytes in memory, with its hash', async () => {
  // About 3 MB, three times what is read at a time.
  const text = makeCsv(
    Array.from({ length: 20_000 }, (_, i) => makeSong(i, { track_name: 'Ünïcödé, 漢字'.repeat(3) })),
  );
  const path = write(text);
  const read = await readFile(path);
  expect(read).toEqual(await readContents(text));
  expect(read.tracks.source.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  const { tracks, ...description } = read;
  expect(await describeTracks(await openFile(path))).toEqual({ source: tracks.source, ...description });
});

test.each([0, 1, 1 << 20, 3 << 19])(
  '%i bytes are given in pieces of at most 1 MB, none of them empty',
  async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i);
    const source = await openFile(write(bytes, 'bytes'));
    expect(source).toMatchObject({ name: 'bytes', size });
    const lengths: number[] = [];
    const seen = createHash('sha256');
    for await (const piece of source.pieces()) {
      lengths.push(piece.length);
      seen.update(piece);
    }
    expect(lengths).toEqual(size === 0 ? [] : size === 3 << 19 ? [1 << 20, 1 << 19] : [size]);
    expect(source.sha256()).toBe(seen.digest('hex'));
  },
);

test('reading stops where its signal aborts', async () => {
  const path = write(new Uint8Array(3 << 20), 'zeros');
  const stop = new AbortController();
  const reason = new Error('enough');
  let pieces = 0;
  const read = async () => {
    for await (const _ of (await openFile(path)).pieces(stop.signal)) {
      pieces++;
      stop.abort(reason);
    }
  };
  await expect(read()).rejects.toBe(reason);
  expect(pieces).toBe(1);
});

describe('what is no readable file is refused', () => {
  test('a directory, no file, a binary file above 2 GB, a device, a name that would break the line', async () => {
    const path = join(folder, 'a\nfolder');
    mkdirSync(path);
    await expect(readFile(path)).rejects.toThrow(/^a\\nfolder: must be a file, got a directory$/);
    await expect(readFile(join(folder, 'none.csv'))).rejects.toThrow(
      /^none\.csv: must be an existing file, got none; check the path$/,
    );
    // A sparse file: nothing of that size is written.
    const large = write('', 'large.csv');
    truncateSync(large, 2_500_000_000);
    await expect(readFile(large)).rejects.toThrow(/^large\.csv:1: must be CSV text, got a zero byte/);
    await expect(readFile('/dev/null')).rejects.toThrow(/must be an ordinary file/);
  });

  // The superuser may read any file, so the rule cannot be seen there; Windows has no such modes.
  test.skipIf(process.getuid === undefined || process.getuid() === 0)('one that may not be read', async () => {
    const path = write(good, 'secret.csv');
    chmodSync(path, 0);
    await expect(readFile(path)).rejects.toThrow(/^secret\.csv: must be readable, got "permission denied"/);
  });
});
