import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../packages/hitscan/testing/mlflowStandIn.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

const small = ['--rows', '200', '--models', 'linear,mamba-tokens', '--set', 'dModel=8', '--set', 'epochs=3'];
const folder = makeTestFolder('mlflow-run');
let server: StandIn;

beforeAll(async () => {
  server = await startStandIn({});
});

afterAll(async () => {
  await server.close();
});

test('a tracking server is told of the run, its trials, its models and its files', { timeout: 60_000 }, async () => {
  const args = ['train', ...small, '--tune', '3', '--mlflow', server.url, '--out', 'told'];
  const { status, stderr } = await runHitscan(args, folder);
  expect(stderr).toContain(`MLflow: ${server.url}`);
  expect(status).toBe(0);
  const runs = [...server.runs.values()];
  const names = runs.map(({ tags }) => tags.get('mlflow.runName')).sort();
  expect(names).toEqual(['linear', 'mamba-tokens', 'told', 'trial 0', 'trial 1', 'trial 2']);
  for (const { info } of runs) expect(info.status).toBe('FINISHED');
  const told = runs.find(({ tags }) => tags.get('mlflow.runName') === 'told');
  expect(told?.params.get('dModel')).toBe('8');
  const { models } = JSON.parse(readFileSync(join(folder, 'told', 'metrics.json'), 'utf8'));
  const testError = told?.metrics.find(({ key }) => key === 'mamba-tokens/test MSE')?.value;
  expect(testError).toBe(models[1].test.mse);
  expect([...server.files.keys()].some((name) => name.endsWith('report.html'))).toBe(true);
});

test('a server that is not there is said at once, and one that refuses too', async () => {
  const args = ['train', ...small, '--tune', '0', '--mlflow', 'http://127.0.0.1:9', '--out', 'alone'];
  const { status, stderr } = await runHitscan(args, folder);
  expect(stderr).toMatch(/^hitscan: --mlflow: .*127\.0\.0\.1:9/m);
  expect(status).toBe(2);
  const wrong = await runHitscan(['train', ...small, '--mlflow', 'ftp://host', '--out', 'wrong'], folder);
  expect(wrong.stderr).toMatch(/^hitscan: --mlflow: /m);
  expect(wrong.status).toBe(2);
});

test('a server that falls silent does not keep an interrupted command', { timeout: 60_000 }, async () => {
  const args = ['train', ...small, '--tune', '200', '--mlflow', server.url, '--out', 'silenced'];
  const { child, outcome } = startHitscan(args, folder);
  await new Promise<void>((resolve) => {
    server.trouble = (name) => {
      // The run is there; what is told of it from here on finds nobody.
      if (name !== 'POST runs/log-batch') return null;
      resolve();
      return 'hang';
    };
  });
  child.kill('SIGTERM');
  const { status, stderr } = await outcome;
  server.trouble = () => null;
  expect(stderr).toMatch(/MLflow: \d+ of \d+ entries were not delivered/);
  expect(stderr).toContain('npx hitscan train --resume silenced');
  expect(stderr).not.toContain('so ended');
  expect(status).toBe(130);
});
