import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { listDifferences } from './compareRuns.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

// Small networks on few songs: what is tested is that every question is asked and answered.
const small = ['--rows', '160', '--folds', '2', '--repeats', '1', '--set', 'dModel=8', '--set', 'epochs=1'];
const folder = makeTestFolder('investigate');

test('investigate answers every question, goes on after Ctrl-C, and says the same', { timeout: 180_000 }, async () => {
  const whole = await runHitscan(['investigate', ...small, '--out', 'whole'], folder);
  expect(whole.stderr).not.toContain('bug');
  expect(whole.status).toBe(0);
  for (const question of ['1. ', '2. ', '3. ', '4. ', '5. ', '6. ', 'What would be a fair claim'])
    expect(whole.stdout).toMatch(new RegExp(`^${question}`, 'm'));
  expect(whole.stdout).toContain('Of its 2,510 parameters 494 have a gradient of exactly 0');
  expect(whole.stdout).not.toMatch(/NaN|undefined|Infinity/);
  const page = readFileSync(join(folder, 'whole', 'report.html'), 'utf8');
  expect(page).toContain('Why do Mamba and linear regression tie?');
  expect(page).not.toMatch(/<script|NaN|undefined/);
  expect(page).toMatch(/synthetic/);

  const { child, outcome } = startHitscan(['investigate', ...small, '--threads', '3', '--out', 'stopped'], folder);
  const fits = () => {
    try {
      return readFileSync(join(folder, 'stopped', 'fits.jsonl'), 'utf8').split('\n').length;
    } catch {
      return 0;
    }
  };
  while (fits() < 8 && child.exitCode === null) await wait(20);
  child.kill('SIGINT');
  const stopped = await outcome;
  expect(stopped.status).toBe(130);
  expect(stopped.stderr).toContain('npx hitscan investigate --resume stopped');
  const resumed = await runHitscan(['investigate', '--resume', 'stopped'], folder);
  expect(resumed.status).toBe(0);
  expect(await listDifferences(join(folder, 'whole'), join(folder, 'stopped'))).toEqual([]);
});
