import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { createLineRunner } from './fuzz/lineRunner.ts';

const folder = makeTestFolder('damaged');
const runner = createLineRunner(120);
const run = (...args: string[]) => runner.run({ args, folder });

const quick = ['--rows', '200', '--set', 'epochs=1', '--set', 'explain=8', '--set', 'intervalFolds=2', '--quiet'];

beforeAll(async () => {
  const lines = [
    ['train', ...quick, '--tune', '0', '--models', 'linear,mamba-tokens', '--out', 'trained'],
    ['evaluate', '--rows', '200', '--models', 'linear', '--folds', '2', '--repeats', '1', '--quiet', '--out', 'held'],
    ['data', 'twin', '--rows', '20', '--out', 'songs.csv'],
  ];
  for (const line of lines) expect(await run(...line)).toMatchObject({ status: 0 });
  cpSync(join(folder, 'trained'), join(folder, 'open'), { recursive: true });
  rmSync(join(folder, 'open', 'metrics.json'));
  rmSync(join(folder, 'held', 'evaluation.json'));
}, 120_000);

afterAll(() => {
  runner.dispose();
});

/** What is done to a file: other contents, or a change of the document in it. */
type Damage = string | Buffer | null | ((document: never) => unknown);

/** Damages a copy of a run, and does with it what reads the file. */
async function refuse(whole: 'trained' | 'open' | 'held', file: string, damage: Damage) {
  cpSync(join(folder, whole), join(folder, 'run'), { recursive: true });
  const path = join(folder, 'run', file);
  if (typeof damage === 'function') {
    writeFileSync(path, JSON.stringify(damage(JSON.parse(readFileSync(path, 'utf8')) as never)));
  } else {
    rmSync(path);
    if (damage === null) mkdirSync(path);
    else writeFileSync(path, damage);
  }
  const lines = {
    trained: ['explain', 'run', 'songs.csv', '--most', '1', '--quiet'],
    open: ['train', '--resume', 'run', '--quiet'],
    held: ['evaluate', '--resume', 'run', '--quiet'],
  };
  const outcome = await run(...lines[whole]);
  rmSync(join(folder, 'run'), { recursive: true });
  return outcome;
}

const set = (path: string, value: unknown) => (document: never) => {
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce((at, key) => at[key as never], document) as unknown as Record<string, unknown>;
  parent[last] = value;
  return document;
};

/** The first row that trains takes the place of the first that is held out. */
const testOnTraining = (split: { train: number[]; test: number[] }) => {
  split.test[0] = split.train[0];
  return split;
};

describe('a damaged run is refused with the file, the field, the rule and the remedy', () => {
  test.each([
    ['trained', 'config.json', set('config.seed', null), /config\.json config\.seed: must be a number, got null; put/],
    ['trained', 'config.json', set('config.epochs', -1), /config\.epochs: must be at least 1, got -1; put/],
    ['trained', 'config.json', set('settings.mamba-tokens.dModel', 32), /settings\.mamba-tokens\.dModel: must be 16/],
    ['trained', 'config.json', '[]', /config\.json: must be an object, got a list of 0; put/],
    ['trained', 'data.json', '{}', /data\.json name: must be text, got none; put/],
    ['trained', 'data.json', set('rows', 5), /data\.json rows: must be 200 as in synthetic twin, got 5; put/],
    ['trained', 'split.json', testOnTraining, /split\.json test\[0\]: must be \d+ as the songs and config\.json give/],
    ['trained', 'metrics.json', '', /metrics\.json: must be JSON, got ""; remove it: --resume writes it again/],
    ['trained', 'model.safetensors', Buffer.alloc(3), /model\.safetensors: safetensors: .* at least 8 bytes.*; put/],
    ['open', 'config.json', null, /config\.json: must be a file, got a folder; put/],
    ['open', 'split.json', 'null', /split\.json: must be an object, got null; put/],
    ['open', 'split.json', set('train', [1e9]), /split\.json train\[0\]: must be \d+ .*, got 1000000000; put/],
    ['open', 'split.json', set('test', []), /split\.json test\[0\]: must be \d+ .*, got none; put/],
    ['open', 'split.json', testOnTraining, /split\.json test\[0\]: must be \d+/],
    [
      'open',
      'intervals.json',
      set('0.name', 'mamba-tokens'),
      /intervals\.json: must be of linear, mamba-tokens, each once, got a list of 2; put.*or remove/,
    ],
    [
      'open',
      'insight.json',
      set('explanation.importance', 7),
      /explanation\.importance: must be an object, got 7; put/,
    ],
    ['open', 'insight.json', '{"explanation":', /insight\.json: must be JSON, got .*; put/],
    ['held', 'config.json', set('config.models', ['linear', 'linear']), /config\.models: must name each once/],
    ['held', 'fits.jsonl', '{"key":1}\n', /fits\.jsonl:1 key: must be text, got 1; put/],
    ['held', 'fits.jsonl', null, /fits\.jsonl: must be a file, got a folder/],
  ] as const)('%s %s, %#', async (whole, file, damage, message) => {
    const { status, stderr } = await refuse(whole, file, damage as Damage);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^hitscan: .*\n$/);
    expect(status).toBe(2);
  });

  test('outcomes of other songs', async () => {
    const text = readFileSync(join(folder, 'held', 'fits.jsonl'), 'utf8');
    const shorter = text.replace(/"predicted":"[^"]*"/, `"predicted":"${Buffer.alloc(16).toString('base64')}"`);
    const { status, stderr } = await refuse('held', 'fits.jsonl', shorter);
    expect(stderr).toMatch(/fits\.jsonl linear\/0\/[01]: must predict \d+ songs, got 2; put/);
    expect(status).toBe(2);
  });
});

test('a run with nothing damaged goes on, and a run of another command is named', async () => {
  cpSync(join(folder, 'open'), join(folder, 'whole'), { recursive: true });
  expect(await run('train', '--resume', 'whole', '--quiet')).toMatchObject({ status: 0 });
  const { status, stderr } = await run('train', '--resume', 'held');
  expect(stderr).toBe('hitscan: --resume: must be a run of train or tune, held is one of evaluate\n');
  expect(status).toBe(2);
}, 60_000);

test.each([
  [['--models', 'linear,linear'], /models: must name each once/],
  [['--models', ''], /--models: must not be empty/],
  [['--out', ''], /--out: must not be empty/],
  [[''], /arguments: must not be empty/],
  [['--set', '__proto__=1'], /--set: has no setting "__proto__"/],
  [['--set', 'constructor={}'], /--set: has no setting "constructor"/],
  [['--set', 'epochs=1', '--set', 'epochs=2'], /--set: must name each setting once, got "epochs" twice/],
  [['--seed', '1', '--seed', '2'], /--seed: must have one value, got "1" and "2"/],
  [['--threads', '0'], /threads: must be at least 1, got 0/],
  [['--rows', '5'], /rows: must be at least 20, got 5/],
  [['--set', 'folds=1'], /--folds: must be at least 2 for the protocol kfold, got 1/],
  [['--set', 'dModel=4096'], /mamba-tokens: must fit in the .* GB .*, needs about .* GB, got .*dModel 4096/],
  [['--rows', '10000000'], /--rows: must be at most \d+, .*, got 10000000/],
  [['\u001b[31m\u202e.csv'], /\\u\{1b\}\[31m\\u\{202e\}\.csv: must be/],
])('refused before there is a folder: %j', async (args, message) => {
  const { status, stderr } = await run('train', ...args, ...(args.includes('--out') ? [] : ['--out', 'none']));
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^hitscan: [^\p{C}]*\n$/u);
  expect(status).toBe(2);
  expect(() => readFileSync(join(folder, 'none', 'config.json'))).toThrow('ENOENT');
});
