import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSafetensors } from '@hitscan/mamba';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHitscan, startHitscan } from './runHitscan.ts';

// Small networks on few songs; the search, its folds and its files are as they always are.
const small = ['--rows', '400', '--set', 'dModel=8', '--set', 'layers=1', '--set', 'epochs=6'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hitscan-tune-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));

/** The weights of a run's Mamba, as text. */
function readWeights(run: string): string[] {
  const { tensors } = readSafetensors(readFileSync(join(folder, run, 'model.safetensors')));
  return [...tensors].map(([name, { data }]) => `${name} ${Buffer.from(data.buffer).toString('base64')}`);
}

test('train looks for settings first, and trains with those it found', async () => {
  const args = ['train', ...small, '--tune', '4', '--models', 'linear,mamba-tokens', '--json', '--out', 'tuned'];
  const { status, stdout, stderr } = await runHitscan(args, folder);
  expect(stderr).toContain('Tuning: 4 trials');
  expect(status).toBe(0);
  const { tuning } = JSON.parse(stdout);
  expect(tuning).toEqual(readJson('tuned', 'tuning.json'));
  expect(tuning).toMatchObject({ trials: 4, failed: 0, folds: 3 });
  expect(tuning.bestError).toBeLessThanOrEqual(tuning.baseError);
  // What was given stays; what was not comes from the best trial.
  expect(tuning.settings).toMatchObject({ dModel: 8, layers: 1, epochs: 6 });
  const { metadata } = readSafetensors(readFileSync(join(folder, 'tuned', 'model.safetensors')));
  expect(JSON.parse(metadata.settings)).toEqual(tuning.settings);
});

test('tune runs trials side by side, and compares with the settings at the start', { timeout: 60_000 }, async () => {
  const args = ['tune', ...small, '--trials', '6', '--folds', '2', '--jobs', '2', '--out', 'searched'];
  const { status, stdout, stderr } = await runHitscan(args, folder);
  expect(stderr).toContain('Tuning: 6 trials');
  expect(status).toBe(0);
  for (const name of ['linear', 'mamba-tokens', 'mamba-untuned']) expect(stdout).toContain(name);
  expect(readJson('searched', 'tuning.json')).toMatchObject({ trials: 6, folds: 2 });
});

test('a study elsewhere is gone on with, on the same data and folds only', { timeout: 60_000 }, async () => {
  const more = ['--folds', '2', '--jobs', '1', '--models', 'mamba-tokens', '--storage', 'shared.db', '--study', 'mine'];
  const first = await runHitscan(['tune', ...small, ...more, '--trials', '2', '--out', 'first'], folder);
  expect(first.status).toBe(0);
  const second = await runHitscan(['tune', ...small, ...more, '--trials', '4', '--out', 'second'], folder);
  expect(second.status).toBe(0);
  expect(readJson('second', 'tuning.json')).toMatchObject({ trials: 4, study: 'mine', storage: 'shared.db' });
  const other = await runHitscan(['tune', ...small, ...more, '--seed', '2', '--trials', '4', '--out', 'other'], folder);
  expect(other.status).toBe(2);
  expect(other.stderr).toMatch(/^hitscan: --study: the study "mine" was begun with another .*split \(/m);
});

test('a search that was killed goes on, and ends as if it had not been', { timeout: 120_000 }, async () => {
  const search = [
    '--rows',
    '400',
    '--set',
    'dModel=8',
    '--set',
    'epochs=12',
    '--models',
    'mamba-tokens',
    '--tune',
    '6',
  ];
  expect((await runHitscan(['train', ...search, '--out', 'whole'], folder)).status).toBe(0);
  let args = ['train', ...search, '--out', 'killed'];
  let kills = 0;
  // Three times at most: should all be in one trial, a fourth would be held against it.
  for (const milliseconds of [700, 900, 1200]) {
    const { child, outcome } = startHitscan(args, folder);
    await Promise.race([wait(milliseconds), outcome]);
    if (child.exitCode === null && child.kill('SIGKILL')) kills++;
    await outcome;
    if (existsSync(join(folder, 'killed', 'config.json'))) args = ['train', '--resume', 'killed'];
    else rmSync(join(folder, 'killed'), { recursive: true, force: true });
  }
  expect(kills).toBeGreaterThan(1);
  if (!existsSync(join(folder, 'killed', 'metrics.json'))) expect((await runHitscan(args, folder)).status).toBe(0);
  const { storage: _, ...found } = readJson('killed', 'tuning.json');
  const { storage: __, ...expected } = readJson('whole', 'tuning.json');
  expect(found).toEqual(expected);
  expect(readWeights('killed')).toEqual(readWeights('whole'));
  expect(readdirSync(join(folder, 'killed'))).toContain('study.journal');
});

test('a trial that runs out of memory fails alone, with its reason', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'huge.json'), '{"dModel":[8,4096],"layers":[64]}');
  const search = ['--space', 'huge.json', '--sampler', 'random', '--trials', '3', '--folds', '2', '--pruner', 'none'];
  const args = ['tune', '--rows', '100', '--set', 'epochs=1', '--models', 'mamba-tokens', ...search, '--out', 'huge'];
  expect((await runHitscan(args, folder)).status).toBe(0);
  const { trials, failed, settings } = readJson('huge', 'tuning.json');
  expect({ trials, dModel: settings.dModel }).toEqual({ trials: 3, dModel: 8 });
  expect(failed).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'huge', 'study.journal'), 'utf8')).toContain('"fail_reason":"RangeError: memory: ');
});

test('several objectives leave a Pareto front, and are pruned by nobody', { timeout: 60_000 }, async () => {
  const search = ['--trials', '12', '--folds', '2', '--jobs', '2', '--objectives', 'size,error'];
  const args = ['tune', '--rows', '200', '--set', 'epochs=2', '--models', 'mamba-tokens', ...search, '--out', 'front'];
  expect((await runHitscan(args, folder)).status).toBe(0);
  const { trials, pruned, bestTrial, paretoFront } = readJson('front', 'tuning.json');
  expect({ trials, pruned }).toEqual({ trials: 12, pruned: 0 });
  type Point = { trial: number; values: { error: number; size: number } };
  const bySize = paretoFront.toSorted((a: Point, b: Point) => a.values.size - b.values.size) as Point[];
  bySize.slice(1).forEach(({ values }, i) => {
    expect(values.error).toBeLessThanOrEqual(bySize[i].values.error);
  });
  // The largest of the front is the best: what is trained.
  expect(bySize.at(-1)?.trial).toBe(bestTrial);
});

test.each([
  [['--objectives', 'time'], /^hitscan: --objectives: must name error, got time/],
  [['--objectives', 'error,time', '--pruner', 'asha'], /^hitscan: --pruner: must be none where there are several/],
  [['--objectives', 'error,speed'], /^hitscan: option tuneObjectives\.1: expected one of/],
])('objectives that make no sense are refused: %j', async (given, message) => {
  const { status, stderr } = await runHitscan(['tune', '--rows', '100', ...given, '--out', 'none'], folder);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

test.each([
  ['no.json', null, /^hitscan: --space: must be a file that can be read/],
  ['text.json', 'text', /^hitscan: text\.json: must be JSON/],
  ['list.json', '[]', /must be an object of settings/],
  ['name.json', '{"depth":[1,2]}', /^hitscan: name\.json depth: must be a setting \(layers/],
  ['kind.json', '{"layers":{"low":1,"high":2}}', /^hitscan: kind\.json layers: must be a list of choices/],
  ['range.json', '{"layers":{"kind":"int","low":3,"high":2}}', /low must be at most high, got 3 and 2/],
  ['value.json', '{"dropout":[0,1.5]}', /^hitscan: value\.json dropout: .*got 1\.5/],
  [
    'when.json',
    '{"dropout":{"kind":"float","low":0,"high":0.5,"when":{"layers":[2]}}}',
    /declared before it, got "layers"/,
  ],
])('a space that cannot be used is named: %s', async (name, text, message) => {
  if (text !== null) writeFileSync(join(folder, name), text);
  const { status, stderr } = await runHitscan(
    ['tune', '--rows', '100', '--space', name, '--out', `from ${name}`],
    folder,
  );
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
});
