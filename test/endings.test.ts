import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, type Song } from '../packages/hitscan/testing/madeFiles.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { type Outcome, runHitscan, startHitscan } from './runHitscan.ts';

const little = ['--tune', '0', '--rows', '60', '--set', 'explain=0', '--set', 'intervalFolds=0', '--quiet'];
const quick = [...little, '--models', 'linear'];
/** Goes on for seconds, and writes a checkpoint again and again. */
const long = [
  ...little,
  '--models',
  'linear,mamba-tokens',
  '--set',
  'patience=null',
  '--set',
  'checkpointSeconds=0.02',
];
const folder = makeTestFolder('endings');

function writeSongs(name: string, change: (i: number) => Song): string {
  const songs = Array.from({ length: 24 }, (_, i) =>
    makeSong(i, { energy: i / 24, valence: (i % 5) / 5, ...change(i) }),
  );
  writeFileSync(join(folder, name), makeCsv(songs));
  return name;
}

/** Fails unless a command ended with status 2 and one line. */
function expectRefused({ status, stdout, stderr }: Outcome, line: string | RegExp): void {
  expect(stderr).toMatch(/^hitscan: [^\n]+\n$/);
  expect(stderr).toMatch(line);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
}

async function waitFor(path: string): Promise<void> {
  for (let i = 0; i < 3000 && !existsSync(path); i++) await wait(10);
  expect(existsSync(path)).toBe(true);
}

describe('songs that nothing can be learnt from are refused at once, and leave no folder', () => {
  test.each(['train', 'tune', 'evaluate', 'investigate'])(
    '%s',
    async (command) => {
      const constant = writeSongs('constant.csv', () => ({ popularity: 55 }));
      const outcome = await runHitscan([command, constant, '--quiet', '--out', 'none'], folder);
      expectRefused(outcome, 'constant.csv: popularity is 55 in every row, nothing to learn');
      expect(existsSync(join(folder, 'none'))).toBe(false);
    },
    60_000,
  );

  test('features that hold no value are named', async () => {
    const blank = ['acousticness', 'danceability', 'duration_ms', 'energy', 'instrumentalness', 'key', 'liveness'];
    const rest = ['loudness', 'mode', 'speechiness', 'time_signature', 'valence'];
    const empty = Object.fromEntries([...blank, ...rest].map((name) => [name, '']));
    const outcome = await runHitscan(['train', writeSongs('blank.csv', () => empty), ...quick], folder);
    expectRefused(outcome, /blank\.csv: 12 of 13 features hold no value \(acousticness, .*, valence\)/);
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  }, 60_000);
});

test('one blank column is told of, and the run is finished', async () => {
  const file = writeSongs('column.csv', () => ({ instrumentalness: '' }));
  const args = ['train', file, '--tune', '0', '--models', 'linear', '--set', 'explain=0', '--set', 'intervalFolds=2'];
  const { status, stderr } = await runHitscan([...args, '--out', 'column'], folder);
  expect(stderr).toContain('Data: column.csv, 24 rows; unknown in every row and left out: instrumentalness\n');
  expect(status).toBe(0);
  const { omitted, data } = JSON.parse(readFileSync(join(folder, 'column', 'metrics.json'), 'utf8'));
  expect({ omitted, unknown: data.unknown }).toEqual({ omitted: [], unknown: ['instrumentalness'] });
}, 60_000);

describe('--out', () => {
  test('may have the longest name there is', async () => {
    const name = 'n'.repeat(250);
    expect((await runHitscan(['train', ...quick, '--out', name], folder)).status).toBe(0);
    expect(existsSync(join(folder, name, 'metrics.json'))).toBe(true);
  }, 60_000);

  test.skipIf(!existsSync('/dev/shm'))(
    'may be a link to another file system',
    async () => {
      const there = mkdtempSync('/dev/shm/hitscan-endings-');
      try {
        symlinkSync(there, join(folder, 'link'));
        expect((await runHitscan(['train', ...quick, '--out', 'link'], folder)).status).toBe(0);
        expect(readdirSync(there)).toContain('metrics.json');
      } finally {
        rmSync(there, { recursive: true });
      }
    },
    60_000,
  );

  // There Node's own way of making folders never returns.
  test.skipIf(!existsSync('/proc/self'))(
    'is refused where no folder can be made',
    async () => {
      const outcome = await runHitscan(['train', ...quick, '--out', '/proc/x'], folder);
      expectRefused(outcome, '--out: must be a folder that can be made, got "/proc/x" (ENOENT)');
    },
    60_000,
  );
});

describe('a folder that is removed under a run', () => {
  test('ends it with one line where it is the whole, and nothing of it comes back', async () => {
    const { outcome } = startHitscan(['train', ...long, '--set', 'epochs=20000', '--out', 'gone'], folder);
    await waitFor(join(folder, 'gone', 'checkpoint', 'mamba-tokens.safetensors'));
    // The run may write into the folder while it is emptied.
    rmSync(join(folder, 'gone'), { recursive: true, maxRetries: 20 });
    expectRefused(await outcome, /^hitscan: gone: must stay there while .* is written, got no such folder/);
    expect(readdirSync(folder).filter((name) => name === 'gone' || name.endsWith('.partial'))).toEqual([]);
  }, 60_000);

  test.each(['while it runs', 'before it goes on'])(
    'costs nothing where it is models or checkpoint, %s',
    async (when) => {
      const run = join(folder, when);
      const { child, outcome } = startHitscan(['train', ...long, '--set', 'epochs=300', '--out', when], folder);
      await waitFor(join(run, 'checkpoint', 'mamba-tokens.safetensors'));
      if (when === 'before it goes on') {
        child.kill('SIGINT');
        expect((await outcome).status).toBe(130);
      }
      for (const name of ['models', 'checkpoint'])
        rmSync(join(run, name), { recursive: true, force: true, maxRetries: 20 });
      if (when === 'before it goes on')
        expect((await runHitscan(['train', '--resume', when, '--quiet'], folder)).status).toBe(0);
      else expect((await outcome).status).toBe(0);
      expect(readdirSync(join(run, 'models'))).toEqual(['linear.safetensors']);
      expect(readdirSync(run)).toContain('metrics.json');
    },
    120_000,
  );
});
