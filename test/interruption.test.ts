import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSafetensors } from '@hitscan/mamba';
import { beforeAll, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { listDifferences } from './compareRuns.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

// Seconds of work, so that a fast machine is interrupted in its midst as well; checkpoints often enough to be met.
const work = ['--tune', '0', '--rows', '1500', '--set', 'epochs=80', '--set', 'patience=null', '--set', 'dModel=16'];
const little = ['--models', 'linear,mamba-tokens,mamba-seed', '--set', 'intervalFolds=2', '--set', 'explain=20'];
const settings = [...work, ...little, '--set', 'checkpointSeconds=0.05'];
const folder = makeTestFolder('interruption');

/** Fails unless each file of a run is whole. */
function expectComplete(run: string): void {
  for (const name of readdirSync(run, { recursive: true, encoding: 'utf8' })) {
    const path = join(run, name);
    if (statSync(path).isDirectory()) continue;
    if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
    else if (name.endsWith('.safetensors')) readSafetensors(readFileSync(path));
    else if (name.endsWith('.html')) expect(readFileSync(path, 'utf8')).toMatch(/<\/html>\s*$/);
    else if (name.includes('events.out.tfevents.')) expect(readFileSync(path).length).toBeGreaterThan(100);
    else if (/\.(csv|jsonl|md)$/.test(name)) expect(readFileSync(path, 'utf8')).toMatch(/\n$/);
    else expect.fail(`${name} is no file of a run`);
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await wait(10);
  expect(condition()).toBe(true);
}

beforeAll(async () => {
  const { status } = await runHitscan(['train', ...settings, '--out', 'whole'], folder);
  expect(status).toBe(0);
}, 180_000);

test('Ctrl-C writes a checkpoint and the command that goes on, bit for bit', async () => {
  const run = join(folder, 'stopped');
  const { child, outcome } = startHitscan(['train', ...settings, '--out', 'stopped'], folder);
  await waitFor(() => existsSync(join(run, 'checkpoint', 'mamba-tokens.safetensors')));
  child.kill('SIGINT');
  // As npm does, which passes on what the terminal has sent already.
  child.kill('SIGINT');
  const { status, stdout, stderr } = await outcome;
  expect(status).toBe(130);
  expect(stdout).toBe('');
  expect(stderr).toContain('hitscan train --resume stopped');
  expectComplete(run);
  const resumed = await runHitscan(['train', '--resume', 'stopped'], folder);
  expect(resumed.stderr).not.toContain('Error');
  expect(resumed.status).toBe(0);
  expect(await listDifferences(join(folder, 'whole'), run)).toEqual([]);
  expect(existsSync(join(run, 'checkpoint'))).toBe(false);
});

test('kill -9 at any moment leaves complete files, and the run goes on, bit for bit', async () => {
  const run = join(folder, 'killed');
  let args = ['train', ...settings, '--out', 'killed'];
  let kills = 0;
  // Moments from the first to the last second, in an order that meets both networks and what comes after them.
  for (const milliseconds of [350, 600, 500, 900, 700, 1100, 800, 1500, 1300, 2000]) {
    const { child, outcome } = startHitscan(args, folder);
    await Promise.race([wait(milliseconds), outcome]);
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      kills++;
    }
    await outcome;
    if (existsSync(run)) expectComplete(run);
    if (existsSync(join(run, 'metrics.json'))) break;
    if (existsSync(join(run, 'config.json'))) args = ['train', '--resume', 'killed'];
    else rmSync(run, { recursive: true, force: true });
  }
  expect(kills).toBeGreaterThan(2);
  if (!existsSync(join(run, 'metrics.json'))) {
    const { status, stderr } = await runHitscan(args, folder);
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
  }
  expectComplete(run);
  expect(await listDifferences(join(folder, 'whole'), run)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
