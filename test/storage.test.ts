import { existsSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Attributes, processAttribute } from '@hitscan/core/tune';
import { expect, test } from 'vitest';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { identifyProcess } from '../packages/hitscan/src/workers/processes.ts';
import { makeTestFolder } from '../packages/hitscan/testing/testFolder.ts';
import { runHitscan, startHitscan } from './runHitscan.ts';

// What a storage does to whole commands; which storages are refused is tested beside their code.

const folder = makeTestFolder('storage');

const search = (storage: string, trials: number, out: string) => {
  const small = [
    '--rows',
    '60',
    '--set',
    'dModel=8',
    '--set',
    'layers=1',
    '--set',
    'epochs=1',
    '--models',
    'mamba-tokens',
  ];
  const sizes = ['--trials', String(trials), '--folds', '2', '--jobs', '1', '--pruner', 'none'];
  return ['tune', ...small, ...sizes, '--storage', storage, '--out', out];
};

/** Fails unless the command ended with one line, and left nothing behind. */
async function expectRefusal(storage: string, message: RegExp): Promise<void> {
  const before = readdirSync(folder);
  const { status, stdout, stderr } = await runHitscan(search(storage, 1, 'refused'), folder);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('secret');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(readdirSync(folder)).toEqual(before);
}

test('a storage that cannot be had leaves one line and nothing else', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'notes.txt'), 'some notes');
  await expectRefusal('mysql://alice:secret@host/studies', /^hitscan: --storage: must be postgresql:.* with mysql:\n$/);
  await expectRefusal('notes.txt', /^hitscan: notes\.txt:1: must be a record of Optuna's journal, got "some notes"\n$/);
  await expectRefusal(
    'postgresql://alice:secret@127.0.0.1:1/studies',
    /^hitscan: postgresql:\/\/alice@127\.0\.0\.1:1\/studies: must be a running server/,
  );
});

test('a server that never answers is given up', { timeout: 30_000 }, async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await expectRefusal(
    `postgresql://alice:secret@127.0.0.1:${port}/studies?connect_timeout=1`,
    /must accept the connection within 1 second, did not/,
  );
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a journal with a blank line, and with a lock, which is spoken of', { timeout: 60_000 }, async () => {
  const path = join(folder, 'blank.log');
  const lines = [
    '{"op_code": 0, "worker_id": "made", "study_name": "mine", "directions": [1]}',
    '{"op_code": 4, "worker_id": "made", "study_id": 0, "datetime_start": "2026-01-01T00:00:00.000000"}',
    '',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  symlinkSync(path, `${path}.lock`);
  const { child, outcome } = startHitscan(search('blank.log', 1, 'blank'), folder);
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
    if (said.includes('Waiting for') && existsSync(join(folder, 'blank.log.lock'))) unlinkSync(`${path}.lock`);
  });
  const { status, stderr } = await outcome;
  expect(stderr).toMatch(
    /^Waiting for blank\.log\.lock, by which another process holds the journal; .* 30 seconds is taken away\.$/m,
  );
  expect(status).toBe(0);
  expect(readFileSync(path, 'utf8').startsWith(`${lines.join('\n')}\n{`)).toBe(true);
});

test('a trial of a machine that died is run again, and does not stay running', { timeout: 120_000 }, async () => {
  expect((await runHitscan(search('shared.log', 1, 'first'), folder)).status).toBe(0);
  const storage = openJournal(join(folder, 'shared.log'));
  const [{ id: studyId }] = await storage.listStudies();
  const [{ userAttributes }] = await storage.readTrials(studyId);
  const systemAttributes = { [processAttribute]: { ...(identifyProcess().own as Attributes), machine: 'elsewhere' } };
  await storage.createTrial(studyId, { state: 'running', started: new Date(0), userAttributes, systemAttributes });
  const { status, stderr } = await runHitscan(search('shared.log', 2, 'second'), folder);
  expect(status).toBe(0);
  expect(stderr).toContain('Trial 1 has failed: the process that ran it has shown no sign of life.');
  const states = (await storage.readTrials(studyId)).map(({ state }) => state);
  expect(states).toEqual(['complete', 'fail', 'complete']);
  await storage.close();
});
