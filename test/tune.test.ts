import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Trial } from '@hitscan/core/tune';
import { readSafetensors } from '@hitscan/mamba';
import { expect, test } from 'vitest';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

// Small networks on few songs; the search, its folds and its files are as they always are.
const small = ['--rows', '400', '--set', 'dModel=8', '--set', 'layers=1', '--set', 'epochs=6'];
const folder = makeTestFolder('tune');

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
  expect(tuning).toEqual({ ...readJson('tuned', 'tuning.json'), storage: join('tuned', 'study.journal') });
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
  const shorter = small.map((word) => (word === 'epochs=6' ? 'epochs=5' : word));
  const change = ['--seed', '2', '--trials', '4', '--out', 'other'];
  const other = await runHitscan(['tune', ...shorter, ...more, ...change], folder);
  expect(other.stderr).toMatch(
    /^hitscan: --study: the study "mine" was begun with another split \(.*epochs \(6, now 5\)/,
  );
  expect(other.stderr).toMatch(/; name another, such as "mine-2"\n$/);
  expect(other.stderr.trim().split('\n')).toHaveLength(1);
  expect(other.status).toBe(2);
  expect(existsSync(join(folder, 'other'))).toBe(false);
});

test.each([
  ['maximises', [2], /it was begun with another direction \("maximize", now "minimize"\), space of /],
  [
    'has several objectives',
    [1, 1],
    /it was begun with another direction \(\["minimize","minimize"\], now "minimize"\)/,
  ],
  [
    'draws other parameters',
    [1],
    /it was begun with another space of rate \(float 0\.0001 to 0\.1, log, now not searched\)/,
  ],
])('a study of Optuna that %s is refused', async (_, directions, message) => {
  const distribution =
    '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.1, "log": true}}';
  const worker = { worker_id: 'made-1' };
  const records = [
    { op_code: 0, ...worker, study_name: 'mine', directions },
    { op_code: 4, ...worker, study_id: 0, datetime_start: '2026-01-01T00:00:00.000000' },
    { op_code: 5, ...worker, trial_id: 0, param_name: 'rate', param_value_internal: 0.01, distribution },
    {
      op_code: 6,
      ...worker,
      trial_id: 0,
      state: 1,
      values: directions,
      datetime_complete: '2026-01-01T00:00:01.000000',
    },
  ];
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  writeFileSync(join(folder, 'optuna.log'), text);
  const search = ['--storage', 'optuna.log', '--study', 'mine', '--out', 'joined'];
  const { status, stderr } = await runHitscan(['tune', ...small, ...search], folder);
  expect(stderr).toMatch(/^hitscan: --study: the study "mine" was made elsewhere and does not say on which songs/);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
  expect(existsSync(join(folder, 'joined'))).toBe(false);
  expect(readFileSync(join(folder, 'optuna.log'), 'utf8')).toBe(text);
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
  expect(readJson('killed', 'tuning.json')).toEqual(readJson('whole', 'tuning.json'));
  expect(readWeights('killed')).toEqual(readWeights('whole'));
  expect(readdirSync(join(folder, 'killed'))).toContain('study.journal');
});

/** A run's study without what tells when and by whom its trials were run. */
async function readStudy(run: string) {
  const storage = openJournal(join(folder, run, 'study.journal'));
  const trials = await storage.readTrials(0);
  await storage.close();
  return trials.map(({ started: _, ended: __, ...trial }) => {
    const ofProcess = ['hitscan:worker', 'hitscan:taken_up', 'hitscan:heartbeat'];
    const lasting = Object.entries(trial.systemAttributes).filter(([name]) => !ofProcess.includes(name));
    return { ...trial, systemAttributes: Object.fromEntries(lasting) };
  });
}

test('a trial that is killed before it is pruned is pruned all the same', { timeout: 120_000 }, async () => {
  const search = [
    '--trials',
    '8',
    '--folds',
    '2',
    '--jobs',
    '1',
    '--models',
    'mamba-tokens',
    '--set',
    'intervalFolds=0',
  ];
  const args = ['tune', '--rows', '120', ...search, '--set', 'explain=0', '--out'];
  expect((await runHitscan([...args, 'pruning'], folder)).status).toBe(0);
  const expected = await readStudy('pruning');
  const lines = readFileSync(join(folder, 'pruning', 'study.journal'), 'utf8')
    .trimEnd()
    .split('\n');
  const { id } = expected.findLast(({ state }) => state === 'pruned') as Trial;
  const due = lines.findLastIndex((line) => line.includes(`"trial_id":${id},`) && line.includes('completed_rung'));
  expect(due).toBeGreaterThan(0);

  // What a kill leaves between the decision and its execution.
  mkdirSync(join(folder, 'due'));
  for (const name of ['config.json', 'data.json', 'split.json'])
    copyFileSync(join(folder, 'pruning', name), join(folder, 'due', name));
  writeFileSync(join(folder, 'due', 'study.journal'), `${lines.slice(0, due + 1).join('\n')}\n`);
  expect((await runHitscan(['tune', '--resume', 'due'], folder)).status).toBe(0);
  expect(await readStudy('due')).toEqual(expected);

  // And about there, in earnest.
  const { child, outcome } = startHitscan([...args, 'shot'], folder);
  const journal = join(folder, 'shot', 'study.journal');
  const countLines = () => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0);
  while (child.exitCode === null && countLines() < due) await wait(1);
  child.kill('SIGKILL');
  expect((await outcome).signal).toBe('SIGKILL');
  expect((await runHitscan(['tune', '--resume', 'shot'], folder)).status).toBe(0);
  expect(await readStudy('shot')).toEqual(expected);
  const { storage: _, ...found } = readJson('shot', 'tuning.json');
  expect({ ...readJson('pruning', 'tuning.json'), storage: null }).toEqual({ ...found, storage: null });
  expect(readWeights('shot')).toEqual(readWeights('pruning'));
});

test('a trial that runs out of memory fails alone, with its reason', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'huge.json'), '{"dModel":[8,4096],"layers":[64]}');
  const search = ['--space', 'huge.json', '--sampler', 'random', '--trials', '3', '--folds', '2', '--pruner', 'none'];
  const args = ['tune', '--rows', '100', '--set', 'epochs=1', '--models', 'mamba-tokens', ...search, '--out', 'huge'];
  expect((await runHitscan(args, folder)).status).toBe(0);
  const { trials, failed, settings } = readJson('huge', 'tuning.json');
  expect({ trials, dModel: settings.dModel }).toEqual({ trials: 3, dModel: 8 });
  expect(failed).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'huge', 'study.journal'), 'utf8')).toContain(
    '"fail_reason":"ConfigError: mamba-tokens: must fit in the ',
  );
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
  ['tune --objectives time', /^hitscan: --objectives: must name error, got time/],
  ['tune --objectives error,time --pruner asha', /^hitscan: --pruner: must be none where there are several/],
  ['tune --objectives error,speed', /^hitscan: option tuneObjectives\[1\]: must be one of .*, got "speed"/],
  ['tune --objectives error,error', /^hitscan: --objectives: must name each once, got error, error$/],
  ['tune --trials 0', /^hitscan: --trials: must be a whole number from 1, got "0"$/],
  ['tune --set tune=0', /^hitscan: --trials: must be at least 1, got 0; train --tune 0 trains without tuning$/],
  ['tune --timeout 0', /^hitscan: --timeout: must be a whole number from 1, got "0"$/],
  ['tune --folds 1', /^hitscan: --folds: must be a whole number from 2, got "1"$/],
  ['tune --jobs 0', /^hitscan: --jobs: must be a whole number from 1, got "0"$/],
  ['tune --models linear', /^hitscan: --models: must name mamba-tokens where it is tuned .*, got linear$/],
  ['tune --model forest --models linear', /^hitscan: --models: must name forest where it is tuned/],
  ['tune --set preset=seed', /^hitscan: --preset: must be tokens where mamba-tokens is tuned/],
  ['train --tune 5 --models linear,forest', /^hitscan: --models: must name mamba-tokens .*, got linear, forest$/],
  ['train --tune 0 --space layers.json', /^hitscan: --space: must come with tuning, got none/],
  ['tune --sampler grid', /^hitscan: --sampler grid: must have choices or steps for every setting, got none for learn/],
])('a search that makes no sense is refused before anything is made: %s', async (line, message) => {
  writeFileSync(join(folder, 'layers.json'), '{"layers":[1,2]}');
  const before = readdirSync(folder);
  // Songs that are not there: they are not even looked for.
  const [command, ...given] = line.split(' ');
  const args = [command, 'missing.csv', ...given, '--set', 'tuneStorage=refused.log', '--out', 'refused'];
  const { status, stdout, stderr } = await runHitscan(args, folder);
  expect(stderr.trim()).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(readdirSync(folder)).toEqual(before);
});

test('models without the one to tune are trained where nobody asked for a search', async () => {
  const { status, stdout } = await runHitscan(['train', '--models', 'mean,linear', '--print-config'], folder);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ tune: 0, models: ['mean', 'linear'] });
});

test.each([
  ['no.json', null, /^hitscan: --space: must be a file that can be read/],
  ['empty.json', '', /^hitscan: empty\.json: must be JSON, got ""$/],
  ['null.json', 'null', /^hitscan: null\.json: must be an object of settings .*, got "null"$/],
  ['name.json', '{"depth":[1,2]}', /^hitscan: name\.json depth: must be a setting \(layers/],
  ['range.json', '{"layers":{"kind":"int","low":3,"high":2}}', /low must be at most high, got 3 and 2/],
])('a space that cannot be used is named: %s', async (name, text, message) => {
  if (text !== null) writeFileSync(join(folder, name), text);
  const { status, stderr } = await runHitscan(
    ['tune', '--rows', '100', '--space', name, '--out', `from ${name}`],
    folder,
  );
  expect(stderr.trim()).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
  expect(existsSync(join(folder, `from ${name}`))).toBe(false);
});
