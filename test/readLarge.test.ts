import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { makeCsv, makeSong } from '../packages/hitscan/testing/madeFiles.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { startHitscan } from './runHitscan.ts';

const folder = makeTestFolder('large');

/** Far more than any machine reads in the two seconds after which a reading is shown. */
const rows = 4_000_000;

beforeAll(() => {
  const file = openSync(join(folder, 'large.csv'), 'w');
  const [header, ...songs] = makeCsv(Array.from({ length: 10_000 }, (_, i) => makeSong(i))).split(/(?<=\n)/);
  writeSync(file, header);
  const piece = Buffer.from(songs.join(''));
  for (let i = 0; i < rows / songs.length; i++) writeSync(file, piece);
  closeSync(file);
}, 60_000);

test.each([
  [['data', 'describe', 'large.csv']],
  [['train', 'large.csv', '--out', 'run', '--models', 'linear', '--tune', '0']],
])(
  'Ctrl-C stops hitscan %j while it reads, with nothing written',
  async (args) => {
    const { child, outcome } = startHitscan(args, folder);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    while (!stderr.includes('\n') && child.exitCode === null) await wait(10);
    expect(stderr).toMatch(/^reading large\.csv {2}\d+ % · [\d,]+ rows\/s · [\d:]+ left\n/);
    child.kill('SIGINT');
    const { status, stdout, stderr: all } = await outcome;
    expect(status).toBe(130);
    expect(stdout).toBe('');
    expect(all.split('\n').at(-2)).toBe('interrupted');
    expect(readdirSync(folder)).toEqual(['large.csv']);
  },
  60_000,
);
