import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { runHitscan } from './runHitscan.ts';

// A run of version 0.1.0 (commit ada3eb2) that was interrupted between its second and its third trial, and `metrics.json` of the
// same run without an interruption: `train --rows 60 --tune 14 --set epochs=1 --set dModel=4 --set explain=0 --set intervalFolds=0
// --deterministic --models linear,mamba-tokens`. TPE draws parameters together from the eleventh trial on.
const interrupted = fileURLToPath(new URL('golden/interrupted/', import.meta.url));
let folder = '';
const at = (...names: string[]) => join(folder, ...names);
const readJson = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hitscan-older-'));
  cpSync(interrupted, at('run'), { recursive: true });
  rmSync(at('run', 'whole.json'));
  const { status, stderr } = await runHitscan(['train', '--resume', 'run', '--quiet'], folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an interrupted run of 0.1.0 goes on to the same results, its setting hidden under the name maskShare', () => {
  const whole = readFileSync(join(interrupted, 'whole.json'), 'utf8');
  expect(whole.match(/"hidden":/g)).toHaveLength(2);
  expect(readFileSync(at('run', 'metrics.json'), 'utf8')).toBe(whole.replaceAll('"hidden":', '"maskShare":'));
});

test('its study keeps the name that its parameter has, in all trials', async () => {
  const storage = openJournal(at('run', 'study.journal'));
  try {
    const [{ id, userAttributes }] = await storage.listStudies();
    const trials = await storage.readTrials(id);
    expect(trials).toHaveLength(14);
    expect(trials.filter(({ parameters }) => parameters.has('hidden'))).toEqual(trials);
    expect(Object.keys(userAttributes.space as object)).toContain('hidden');
  } finally {
    await storage.close();
  }
});

test('a model is explained by its file alone, whatever config.json says of it', async () => {
  cpSync(at('run'), at('edited'), { recursive: true });
  const record = readJson('edited', 'config.json');
  const other = { layers: 3, dModel: 32, bins: 7, loss: 'quantiles', ensemble: 4, hidden: 0.5 };
  writeFileSync(
    at('edited', 'config.json'),
    JSON.stringify({
      ...record,
      config: { ...record.config, ...other, context: ['artist'] },
      settings: { ...record.settings, 'mamba-tokens': { ...record.settings['mamba-tokens'], ...other } },
    }),
  );
  rmSync(at('edited', 'tuning.json'));
  await runHitscan(['data', 'twin', '--rows', '20', '--out', 'songs.csv'], folder);
  const explain = async (run: string) => {
    const { stdout, stderr } = await runHitscan(
      ['explain', run, 'songs.csv', '--most', '1', '--json', '--quiet'],
      folder,
    );
    expect(stderr).toBe('');
    return { ...JSON.parse(stdout), run: '' };
  };
  expect(await explain('edited')).toEqual(await explain('run'));
});

test('settings and spaces by the names of 0.1.0 are read, and named as they are now', async () => {
  const { hidden, ...others } = readJson('run', 'config.json').settings['mamba-tokens'];
  writeFileSync(at('old.json'), JSON.stringify({ ...others, hidden: 0.15 }));
  const print = async (...args: string[]) => {
    const { stdout, stderr } = await runHitscan(['train', '--print-config', '--tune', '0', ...args], folder);
    return stderr === '' ? JSON.parse(stdout) : stderr;
  };
  expect(hidden).toBe(0.05);
  expect(await print('--config', 'old.json')).toMatchObject({ maskShare: 0.15 });
  expect(await print('--config', 'old.json')).not.toHaveProperty('hidden');
  expect(await print('--set', 'hidden=0.25')).toMatchObject({ maskShare: 0.25 });
  expect(await print('--config', 'old.json', '--set', 'maskShare=0.25')).toMatchObject({ maskShare: 0.25 });
  expect(await print('--set', 'hidden=2')).toMatch(/--set maskShare: must be below 1, got 2/);
  expect(await print('--set', 'hidden=0', '--set', 'maskShare=0.1')).toMatch(/--set: has no setting "hidden"/);
  writeFileSync(at('space.json'), JSON.stringify({ hidden: [0, 0.1] }));
  const quick = ['--rows', '60', '--models', 'mamba-tokens', '--set', 'epochs=1', '--set', 'intervalFolds=0'];
  const searched = await runHitscan(
    ['train', ...quick, '--set', 'explain=0', '--tune', '2', '--space', 'space.json', '--out', 'searched', '--quiet'],
    folder,
  );
  expect(searched.stderr).toBe('');
  expect(Object.keys(readJson('searched', 'config.json').space)).toEqual(['maskShare']);
  expect(Object.keys(readJson('searched', 'tuning.json').importances)).toEqual(['maskShare']);
}, 60_000);
