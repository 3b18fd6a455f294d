import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelNames } from '@hitscan/core/optionNames';
import { readSafetensors } from '@hitscan/mamba';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan } from './runHitscan.ts';

const quick = [
  '--tune',
  '0',
  '--rows',
  '300',
  '--set',
  'explain=20',
  '--set',
  'intervalFolds=2',
  '--set',
  'epochs=3',
  '--set',
  'dModel=8',
  '--set',
  'layers=1',
];
const folder = makeTestFolder('train');

describe('train on the synthetic twin', () => {
  test('prints a table, names the twin synthetic, and fills the run directory', async () => {
    const { status, stdout, stderr } = await runHitscan(['train', ...quick, '--out', 'plain'], folder);
    expect(stderr).toContain('synthetic twin');
    expect(status).toBe(0);
    for (const name of ['mean', 'median', 'linear', 'mamba-tokens', 'mamba-seed']) expect(stdout).toContain(name);
    expect(stdout).toContain('synthetic');
    expect(stdout).toContain(`Report: ${join('plain', 'report.html')}`);
    expect(readdirSync(join(folder, 'plain')).sort()).toEqual([
      'MODEL_CARD.md',
      'config.json',
      'data.json',
      'events.out.tfevents.0.hitscan',
      'history.jsonl',
      'insight.json',
      'intervals.json',
      'metrics.json',
      'model.safetensors',
      'models',
      'predictions.csv',
      'report.html',
      'split.json',
      'timings.json',
    ]);
    expect(readFileSync(join(folder, 'plain', 'report.html'), 'utf8')).toMatch(/synthetic/i);
  });

  test('of four test songs tells nothing, in the terminal, the report and the card', async () => {
    const little = quick.map((word, i) =>
      quick[i - 1] === '--rows' ? '20' : word.replace(/^explain=.*/, 'explain=0'),
    );
    const args = ['train', ...little, '--models', 'median,linear,mamba-tokens'];
    const { status, stdout } = await runHitscan([...args, '--out', 'four'], folder);
    expect(status).toBe(0);
    const read = (name: string) => readFileSync(join(folder, 'four', name), 'utf8');
    for (const text of [stdout, read('report.html'), read('MODEL_CARD.md')]) {
      expect(text).toMatch(/4 songs .*held out.*: from fewer than 30 nothing can be told of which model is better\./);
      expect(text).not.toMatch(/no difference shown|>better<|>worse<|lowest test MSE/);
    }
    const { comparisons, heldOut } = JSON.parse(read('metrics.json'));
    expect(heldOut.songs).toBe(4);
    expect(comparisons).toHaveLength(3);
    for (const comparison of comparisons)
      expect(comparison).toMatchObject({ low: null, high: null, p: null, verdict: 'no difference shown' });
  });

  test('prints one JSON document with --json, and nothing else', async () => {
    const { status, stdout } = await runHitscan(['train', ...quick, '--json', '--out', 'json'], folder);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const document = JSON.parse(stdout);
    // The file has what was found, without where and how fast.
    const { run, models, ...found } = document;
    expect(run).toBe('json');
    expect(JSON.parse(readFileSync(join(folder, 'json', 'metrics.json'), 'utf8'))).toEqual({
      ...found,
      models: models.map(({ seconds: _, ...figures }: { seconds: number }) => figures),
    });
    const { fits } = JSON.parse(readFileSync(join(folder, 'json', 'timings.json'), 'utf8'));
    for (const { name, seconds } of models) expect(seconds, name).toBe(fits[name]);
    expect(document.data).toMatchObject({ source: 'synthetic twin', synthetic: true, rows: 300, rejected: 0 });
    const names = document.models.map(({ name }: { name: string }) => name);
    expect(names).toEqual(modelNames.filter((name) => name !== 'mamba-untuned'));
    for (const model of document.models) {
      for (const part of ['train', 'test']) {
        expect(model[part].mse).toBeGreaterThan(0);
        expect(model[part].rmse).toBeCloseTo(Math.sqrt(model[part].mse), 10);
      }
    }
    const [tokens, seed] = document.models.slice(-2);
    expect(tokens.history).toHaveLength(3);
    expect(tokens.history[2]).toMatchObject({ epoch: 2, validationLoss: null });
    expect(seed.history).toHaveLength(450);
    expect(seed.history[449]).toMatchObject({ epoch: 449, validationLoss: null });
  });

  test('watches the validation songs where it is to stop early', async () => {
    const args = ['train', ...quick, '--models', 'mamba-tokens', '--set', 'patience=2', '--json', '--out', 'watched'];
    const [{ history }] = JSON.parse((await runHitscan(args, folder)).stdout).models;
    expect(history[2]).toMatchObject({ epoch: 2, validationLoss: expect.any(Number) });
  });

  test('gives the same bytes for the same seed, and others for another', async () => {
    const weights = async (seed: string, out: string) => {
      const models = ['--models', 'mamba-tokens', '--seed', seed];
      const { status } = await runHitscan(['train', ...quick, ...models, '--deterministic', '--out', out], folder);
      expect(status).toBe(0);
      const { tensors } = readSafetensors(readFileSync(join(folder, out, 'model.safetensors')));
      return [...tensors].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]);
    };
    const first = await weights('7', 'same-1');
    expect(await weights('7', 'same-2')).toEqual(first);
    expect(await weights('8', 'other')).not.toEqual(first);
  });
});

describe('train on a file', () => {
  const header =
    'artist_name,track_id,track_name,acousticness,danceability,duration_ms,energy,instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,valence,popularity';
  const row = (i: number, title: string, popularity: number | string) =>
    `"Nobody ${i}",id${i},"${title}",0.${(i % 89) + 10},0.5,${200000 + i},0.6,0,${i % 12},0.1,-${5 + (i % 7)},${i % 2},0.05,${100 + (i % 50)},4,0.4,${popularity}`;

  test('keeps hostile titles harmless in the report and in every CSV', async () => {
    const script = '<script>alert(1)</script>';
    const formula = '=HYPERLINK(""x"")';
    const rows = Array.from({ length: 60 }, (_, i) => row(i, `Title ${i}`, 40 + (i % 40)));
    rows.push(row(60, script, 50), row(61, formula, 51), row(62, script, 187), row(63, formula, -1));
    writeFileSync(join(folder, 'songs.csv'), `${header}\n${rows.join('\n')}\n`);
    const args = ['train', 'songs.csv', '--models', 'mean,linear', '--out', 'hostile'];
    const { status, stderr } = await runHitscan(args, folder);
    expect(stderr).toContain('2 rows set aside');
    expect(status).toBe(0);
    const report = readFileSync(join(folder, 'hostile', 'report.html'), 'utf8');
    expect(report).not.toContain('<script');
    for (const file of ['predictions.csv', 'rejects.csv']) {
      const text = readFileSync(join(folder, 'hostile', file), 'utf8');
      expect(text, file).toContain('HYPERLINK');
      expect(text, file).not.toMatch(/(^|,)"?=/m);
    }
    const rejects = readFileSync(join(folder, 'hostile', 'rejects.csv'), 'utf8');
    expect(rejects).toContain('64,popularity,must be between 0 and 100,187');
  });

  test.each([
    [['train', 'nowhere.csv'], /^hitscan: nowhere\.csv: must be an existing file/],
    [
      ['train', 'songs.csv', '--strict', '--out', 'strict'],
      /songs\.csv:64: popularity must be between 0 and 100, got "187"/,
    ],
    [['train', '--set', 'learningRat=1'], /did you mean learningRate\?/],
    [['train', '--set', 'epochs=none'], /--set epochs: .*got "none"/],
    [['train', '--set', 'nonsense'], /--set: must be key=value/],
    [['train', '--models', 'magic'], /models/],
    [['train', '--split', 'sideways'], /--split/],
    [['train', '--seed', 'x'], /--seed/],
    [['train', '--preset', 'seed', '--set', 'loss=gaussian'], /--preset seed: predicts one number/],
    [['train', '--context', 'weather'], /context/],
    [['evaluate', '--protocol', 'sideways'], /--protocol/],
    [['evaluate', '--folds', '1', '--rows', '100'], /folds/],
    [['evaluate', '--folds', '90', '--rows', '60'], /a different group of songs a fold/],
    [['evaluate', '--resume', 'nowhere'], /must be the folder of a run/],
    [['train', '--rows', '3'], /rows/],
    [['train', '--resume', 'nowhere'], /must be the folder of a run/],
    [['train', '--nonsense'], /--nonsense/],
    [['nonsense'], /nonsense/],
  ])('answers %j with one reason and status 2', async (args, message) => {
    const { status, stdout, stderr } = await runHitscan(args, folder);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
    expect(stdout).toBe('');
  });
});

describe('help', () => {
  test.each([
    [[]],
    [['train']],
    [['data']],
    [['data', 'describe']],
    [['data', 'twin']],
    [['tune']],
    [['evaluate']],
    [['investigate']],
    [['explain']],
  ])('of %j explains every option and gives an example', async (command) => {
    const { status, stdout } = await runHitscan([...command, '--help'], folder);
    expect(status).toBe(0);
    // Each option is followed by words.
    for (const line of stdout.split('\n').filter((text) => /^ {2}-/.test(text)))
      expect(line).toMatch(/^ {2}\S.*? {2,}\w|^ {2}\S+( <.*>)?$/);
    if (command[0] !== 'data' || command[1]) expect(stdout).toMatch(/\$ hitscan /);
  });
});
