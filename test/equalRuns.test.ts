import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSafetensors, writeSafetensors } from '@hitscan/mamba';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { listDifferences } from './compareRuns.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

const network = ['--set', 'dModel=8', '--set', 'layers=1', '--set', 'epochs=2'];
const little = ['--rows', '200', ...network, '--set', 'explain=10', '--set', 'intervalFolds=2'];
const training = [
  'train',
  ...little,
  ...['--tune', '2', '--set', 'tuneFolds=2', '--context', 'artist,era', '--set', 'checkpointSeconds=0.02'],
];
/** As far from the usual place and language as a machine may be. */
const elsewhere = { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
const folder = makeTestFolder('equal');

const at = (...names: string[]) => join(folder, ...names);

async function run(args: readonly string[], out: string, environment: Record<string, string> = {}): Promise<void> {
  const { status, stderr } = await runHitscan([...args, '--out', out], folder, environment);
  expect(stderr).not.toContain('hitscan: ');
  expect(status).toBe(0);
}

/** Begins a run, kills it each time the next of these comes true, goes on with it, and counts the kills. */
async function runWithKills(args: readonly string[], out: string, moments: readonly (() => boolean)[]) {
  let kills = 0;
  for (const comes of moments) {
    const words = kills === 0 ? [...args, '--out', out] : [args[0], '--resume', out];
    const { child, outcome } = startHitscan(words, folder);
    while (child.exitCode === null && !comes()) await wait(2);
    if (child.exitCode === null && child.kill('SIGKILL')) kills++;
    await outcome;
  }
  expect((await runHitscan([args[0], '--resume', out], folder, elsewhere)).status).toBe(0);
  return kills;
}

/** Whether a file is there and has this in it. */
function holds(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').includes(text);
}

const readTimings = (name: string) => JSON.parse(readFileSync(at(name, 'timings.json'), 'utf8'));
const listTimed = (name: string) => Object.keys(readTimings(name).fits).sort();

beforeAll(async () => {
  await run([...training, '--threads', '1'], 'trained');
}, 120_000);

describe('the same seed leaves the same folder', () => {
  test('train, on more threads, in another time zone and language', { timeout: 180_000 }, async () => {
    await run([...training, '--threads', '3'], 'elsewhere', elsewhere);
    expect(await listDifferences(at('trained'), at('elsewhere'))).toEqual([]);
  });

  test('train, killed in its search, in a fit and before its explanations', { timeout: 180_000 }, async () => {
    const kills = await runWithKills([...training, '--threads', '2'], 'killed', [
      () => holds(at('killed', 'study.journal'), '"op_code":7'),
      () => existsSync(at('killed', 'checkpoint', 'mamba-seed.safetensors')),
      () => existsSync(at('killed', 'intervals.json')),
    ]);
    expect(kills).toBeGreaterThan(1);
    expect(await listDifferences(at('trained'), at('killed'))).toEqual([]);
  });

  test('tune, one trial at a time', { timeout: 180_000 }, async () => {
    const search = ['tune', ...little, '--trials', '4', '--folds', '2', '--jobs', '1'];
    await run([...search, '--threads', '2'], 'searched');
    await run([...search, '--threads', '1'], 'searched again', elsewhere);
    expect(await listDifferences(at('searched'), at('searched again'))).toEqual([]);
  });

  test('evaluate, on 1, 2 and 3 threads, and killed', { timeout: 180_000 }, async () => {
    const models = ['--models', 'mean,linear,forest,boosted,mamba-tokens', '--intervals', '2'];
    const contest = ['evaluate', '--rows', '200', ...network, '--folds', '2', '--repeats', '1', ...models];
    await run([...contest, '--threads', '1'], 'one');
    await run([...contest, '--threads', '2'], 'two', elsewhere);
    const kills = await runWithKills([...contest, '--threads', '3'], 'three', [
      () => holds(at('three', 'fits.jsonl'), '\n'),
    ]);
    expect(kills).toBeGreaterThan(0);
    expect(await listDifferences(at('one'), at('two'))).toEqual([]);
    expect(await listDifferences(at('one'), at('three'))).toEqual([]);
    // Those of the killed process as well.
    expect(listTimed('three')).toEqual(listTimed('one'));
  });
});

test('what was done last is done again in the same way', { timeout: 180_000 }, async () => {
  // As a kill leaves them that comes after a trial's end and before its events, and before a run's last file.
  cpSync(at('trained'), at('undone'), { recursive: true });
  for (const name of ['trials/1', 'tuning.json', 'report.html', 'metrics.json'])
    rmSync(at('undone', name), { recursive: true });
  expect((await runHitscan(['train', '--resume', 'undone'], folder)).status).toBe(0);
  expect(await listDifferences(at('trained'), at('undone'))).toEqual([]);
  cpSync(at('one'), at('undone contest'), { recursive: true });
  rmSync(at('undone contest', 'evaluation.json'));
  expect((await runHitscan(['evaluate', '--resume', 'undone contest'], folder)).status).toBe(0);
  expect(await listDifferences(at('one'), at('undone contest'))).toEqual([]);
});

describe('runs of older versions, with times beside results', () => {
  test('train', async () => {
    cpSync(at('trained'), at('older'), { recursive: true });
    rmSync(at('older', 'timings.json'));
    rmSync(at('older', 'metrics.json'));
    const config = JSON.parse(readFileSync(at('older', 'config.json'), 'utf8'));
    writeFileSync(at('older', 'config.json'), JSON.stringify({ ...config, config: { ...config.config, threads: 2 } }));
    const { tensors, metadata } = readSafetensors(readFileSync(at('older', 'model.safetensors')));
    const result = JSON.stringify({ ...JSON.parse(metadata.result), seconds: 123 });
    writeFileSync(at('older', 'model.safetensors'), writeSafetensors(tensors, { ...metadata, result }));
    const { status, stdout } = await runHitscan(['train', '--resume', 'older', '--json'], folder);
    expect(status).toBe(0);
    const { models } = JSON.parse(stdout);
    const secondsOf = (wanted: string) => models.find(({ name }: { name: string }) => name === wanted).seconds;
    // Of a model whose time was lost with its file, nothing is made up.
    expect([secondsOf('mamba-tokens'), secondsOf('linear')]).toEqual([123, null]);
    expect(readTimings('older')).toMatchObject({ threads: 2 });
    expect(await listDifferences(at('trained'), at('older'))).toEqual(['config.json', 'model.safetensors']);
  });

  test('evaluate', async () => {
    cpSync(at('one'), at('older contest'), { recursive: true });
    rmSync(at('older contest', 'timings.json'));
    rmSync(at('older contest', 'evaluation.json'));
    const lines = readFileSync(at('older contest', 'fits.jsonl'), 'utf8').trimEnd().split('\n');
    const timed = lines.map((line) => {
      const { values, ...rest } = JSON.parse(line);
      return `${JSON.stringify({ ...rest, values: { seconds: 7, ...values } })}\n`;
    });
    writeFileSync(at('older contest', 'fits.jsonl'), timed.join(''));
    const { stdout } = await runHitscan(['evaluate', '--resume', 'older contest', '--json'], folder);
    const { models } = JSON.parse(stdout);
    expect(models.map(({ secondsPerFit }: { secondsPerFit: number }) => secondsPerFit)).toEqual([7, 7, 7, 7, 7]);
    expect(await listDifferences(at('one'), at('older contest'))).toEqual([]);
  });
});

test('another seed leaves other files', async () => {
  const quick = ['train', '--rows', '100', '--models', 'linear', '--tune', '0', '--set', 'intervalFolds=0'];
  await run([...quick, '--seed', '1'], 'first seed');
  await run([...quick, '--seed', '2'], 'second seed');
  const changed = await listDifferences(at('first seed'), at('second seed'));
  expect(changed).toContain('metrics.json');
  expect(changed).toContain('report.html');
  expect(changed).toContain('events.out.tfevents.0.hitscan');
});

test('the comparison misses no other change of any file', async () => {
  cpSync(at('trained'), at('changed'), { recursive: true });
  const names = readdirSync(at('changed'), { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(at('changed', name)).isFile() && name !== 'timings.json')
    .sort();
  for (const name of names) {
    const bytes = readFileSync(at('changed', name));
    // In a study, a figure; in an event file, a byte that is of no time; in others, any.
    if (name === 'study.journal') bytes.write('9', bytes.lastIndexOf('"intermediate_value":') + 21);
    else if (name.includes('tfevents')) bytes[bytes.lastIndexOf(name.startsWith('trials') ? 'error' : 'test MSE')] ^= 1;
    else bytes[Math.floor(bytes.length / 2)] ^= 1;
    writeFileSync(at('changed', name), bytes);
  }
  expect(await listDifferences(at('trained'), at('changed'))).toEqual(names);
});

test('times are in one file: when and how long the run was worked on, and every fit', () => {
  const timings = readTimings('trained');
  expect(timings).toMatchObject({ threads: 1, seconds: expect.any(Number) });
  const { models } = JSON.parse(readFileSync(at('trained', 'metrics.json'), 'utf8'));
  expect(Object.keys(timings.fits)).toEqual(models.map(({ name }: { name: string }) => name));
  expect(timings.seconds).toBeGreaterThan(Math.max(...(Object.values(timings.fits) as number[])));
  expect(Date.parse(timings.written)).toBeGreaterThan(Date.parse(timings.started));
});
