import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { type RunningHitscan, startHitscan } from './runHitscan.ts';

// Each waits for some seconds in which nothing is done, so they may as well wait together.
const patience = { timeout: 120_000 };
const hook = new URL('./hang.ts', import.meta.url).href;
const tiny = ['--rows', '120', '--set', 'epochs=1', '--set', 'dModel=8', '--set', 'layers=1'];
const little = [...tiny, '--models', 'mean,linear,mamba-tokens', '--set', 'intervalFolds=2', '--set', 'explain=2'];
const given = 'so ended; go on with: npx hitscan';
const folder = makeTestFolder('signals');

/** Starts a command that hangs when it comes to a function. */
function startHanging(args: readonly string[], hang: string): RunningHitscan {
  return startHitscan(args, folder, { HANG: hang, NODE_OPTIONS: `--import=${hook}` });
}

/** Resolves when the command says this on standard error. */
function hear({ child, outcome }: RunningHitscan, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
      if (said.includes(words)) resolve();
    });
    outcome.then(({ status }) => reject(new Error(`ended with ${status} before ${words}: ${said}`)));
  });
}

/** The last line that a command says which hangs when it is sent a signal, and its status. */
async function interrupt(running: RunningHitscan, signal: NodeJS.Signals = 'SIGTERM') {
  running.child.kill(signal);
  const { status, stdout, stderr } = await running.outcome;
  expect(stdout).toBe('');
  expect(stderr).not.toContain('bug');
  return { status, line: stderr.trimEnd().split('\n').at(-1) };
}

describe.concurrent('a signal ends the command', patience, () => {
  test.each([
    ['reading', 'core/src/pipeline/songs.ts:loadSongs:wait', 'so ended'],
    ['reading', 'core/src/pipeline/songs.ts:loadSongs:block', 'so ended'],
    ['tuning', 'core/src/tune/crossValidation.ts:crossValidate:block', `${given} train --resume`],
    ['training', 'core/src/models/trainingDrive.ts:drive:wait', `${given} train --resume`],
    ['intervals', 'core/src/intervals/intervalForecast.ts:forecastIntervals:wait', given],
    ['explaining', 'core/src/explain/explainRun.ts:explainRun:block', given],
    ['report', 'core/src/report/pages/report.ts:renderReport:block', given],
  ])('that hangs in %s: %s', async (phase, hang, line) => {
    const out = `${phase}-${hang.split(':')[2]}`;
    const tune = phase === 'tuning' ? ['--tune', '2'] : ['--tune', '0'];
    const running = startHanging(['train', ...little, ...tune, '--out', out], hang);
    await hear(running, 'hangs');
    const end = await interrupt(running, phase === 'training' ? 'SIGINT' : 'SIGTERM');
    expect(end).toEqual({ status: 130, line: expect.stringContaining(line) });
  });

  test('whose training threads hang', async () => {
    const args = ['train', ...little, '--tune', '0', '--threads', '2', '--set', 'batchRows=64', '--out', 'threads'];
    const running = startHanging(args, 'mamba/src/threads/runShards.ts:awaitNext:block');
    await hear(running, 'linear: done');
    await wait(1000);
    expect(await interrupt(running)).toEqual({ status: 130, line: expect.stringContaining(given) });
  });

  test.each(['evaluate', 'investigate'])('that hangs in a fit of %s, and loses none', async (command) => {
    const args = [
      command,
      ...tiny,
      '--models',
      'mean,mamba-tokens',
      '--folds',
      '2',
      '--repeats',
      '1',
      '--out',
      command,
    ];
    const own = command === 'evaluate' ? args : args.filter((word) => !/^(--models|mean,mamba-tokens)$/.test(word));
    const running = startHanging(own, 'core/src/models/trainingDrive.ts:drive:block');
    await hear(running, 'hangs');
    const { status, line } = await interrupt(running);
    // The fits are on threads of their own, which the command ends in time.
    expect({ status, line }).toEqual({ status: 130, line: `  npx hitscan ${command} --resume ${command}` });
  });

  test('that waits for a lock', async () => {
    writeFileSync(join(folder, 'locked.journal'), '');
    symlinkSync(join(folder, 'locked.journal'), join(folder, 'locked.journal.lock'));
    const args = ['tune', ...little, '--trials', '2', '--jobs', '1', '--storage', 'locked.journal', '--out', 'locked'];
    const running = startHitscan(args, folder);
    await hear(running, 'Split:');
    await wait(1000);
    expect(await interrupt(running)).toEqual({ status: 130, line: expect.stringContaining(given) });
  });

  test.each([
    // It is asked before there is a run that could be gone on with.
    ['storage', ['--storage', 'postgresql://nobody@127.0.0.1:PORT/study'], 'so ended'],
    ['tracking server', ['--mlflow', 'http://127.0.0.1:PORT'], given],
  ])('that waits for a %s which never answers', async (name, options, line) => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    const asked = new Promise((resolve) => server.once('connection', resolve));
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const args = options.map((option) => option.replace('PORT', String(port)));
    const running = startHitscan(
      ['tune', ...little, '--trials', '2', '--out', name.replace(' ', '-'), ...args],
      folder,
    );
    await asked;
    expect(await interrupt(running)).toEqual({ status: 130, line: expect.stringContaining(line) });
    server.close();
  });

  test('at once where it has nothing to save', async () => {
    const running = startHanging(['data', 'twin'], 'hitscan/src/tracks/twin.ts:generateTwin:block');
    await hear(running, 'hangs');
    expect(await interrupt(running, 'SIGINT')).toEqual({ status: 130, line: 'hitscan: interrupted' });
  });

  test('at once at the second, when that is no echo of the first', async () => {
    const args = ['train', ...little, '--tune', '0', '--out', 'twice'];
    const running = startHanging(args, 'core/src/models/trainingDrive.ts:drive:block');
    await hear(running, 'hangs');
    running.child.kill('SIGINT');
    await wait(1500);
    const { status, line } = await interrupt(running, 'SIGINT');
    expect({ status, line }).toEqual({ status: 130, line: expect.stringContaining('interrupted twice') });
  });

  test.skipIf(process.platform === 'win32')(
    'that waits for the system, which nothing in the process can end',
    async () => {
      const fifo = join(folder, 'fifo');
      await new Promise((resolve) => spawn('mkfifo', [fifo]).on('close', resolve));
      const program = fileURLToPath(new URL('../packages/hitscan/src/cli/commandThread.ts', import.meta.url));
      const script = `
      import { openSync } from 'node:fs';
      import { isMainThread } from 'node:worker_threads';
      import { runOnThread } from ${JSON.stringify(program)};
      if (isMainThread) await runOnThread(new URL(import.meta.url));
      else {
        process.stderr.write('opens\\n');
        setTimeout(() => openSync(${JSON.stringify(fifo)}), 100);
      }`;
      const file = join(folder, 'opens.mjs');
      writeFileSync(file, script);
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'] });
      await new Promise((resolve) => child.stderr.once('data', resolve));
      await wait(500);
      child.kill('SIGTERM');
      // To a shell 130, as that is how it calls the end by SIGINT.
      expect(await new Promise((resolve) => child.on('close', (...ended) => resolve(ended)))).toEqual([null, 'SIGINT']);
    },
  );
});
