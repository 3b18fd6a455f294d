import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Trial } from '@hitscan/core/tune';
import { createStudy, noPruner } from '@hitscan/core/tune';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { openSqlite } from '../packages/hitscan/src/storages/sqlite.ts';
import { identifyProcess } from '../packages/hitscan/src/workers/processes.ts';

const worker = fileURLToPath(new URL('./tuneWorker.ts', import.meta.url));
/** Workers that share the study at a time. */
const workersAtATime = 2;
/** Less than Optuna's 30 seconds, so that a lock which a dead worker left is gone while the next ones live. */
const lockGraceMs = 100;
/** How long a worker may live after its start: from no trial to some tens of trials. */
const longestLifeMs = 500;

type Told = readonly [number: number, state: string, value: number];

export interface TortureReport {
  readonly kills: number;
  /** Trials whose workers knew that they were stored. */
  readonly acknowledged: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** Numbers that workers acknowledged more than once, or that more than one trial has. */
  readonly doubled: number;
  /** Trials still marked as running after every worker is dead and their trials were looked for. */
  readonly running: number;
}

/**
 * Runs a study in a journal or in an SQLite file with workers that are killed by SIGKILL at random moments, again and again, and
 * compares the trials that they acknowledged with those in the file. Throws if an acknowledged trial is missing or different, or
 * the file cannot be read.
 */
export async function tortureStudy(path: string, kills: number): Promise<TortureReport> {
  const storage = path.endsWith('.db') ? await openSqlite(path) : openJournal(path, { lockGraceMs });
  const sampler = {
    inferJointSpace: () => new Map(),
    drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
    drawAlone: () => 0,
  };
  const study = await createStudy(
    { storage, name: 'torture', sampler, pruner: noPruner, processes: identifyProcess() },
    ['minimize'],
  );
  const told: Told[] = [];
  for (let killed = 0; killed < kills; killed += workersAtATime) {
    const workers = Array.from({ length: workersAtATime }, () => killWorker(path));
    for (const lines of await Promise.all(workers)) told.push(...lines);
    const lost = findLost(await study.readTrials(), told);
    if (lost.length > 0) throw new Error(`after ${killed + workersAtATime} kills: lost ${JSON.stringify(lost)}`);
    if (!path.endsWith('.db') && Math.random() < 0.5) tearLine(path);
  }
  for (let left = await study.takeUp(); left; left = await study.takeUp())
    await study.tell(left, { state: 'fail', reason: 'its process was killed' });
  // Mends the last line if it is torn.
  await study.setAttribute('ended', true);
  const trials = await study.readTrials();
  const count = (state: string) => trials.filter((trial) => trial.state === state).length;
  await storage.close();
  return {
    kills,
    acknowledged: told.length,
    complete: count('complete'),
    pruned: count('pruned'),
    failed: count('fail'),
    doubled: countDoubled(told.map(([number]) => number)) + countDoubled(trials.map(({ number }) => number)),
    running: count('running'),
  };
}

/** Appends the beginning of a line to the journal: a kill seldom interrupts a write, a full disk does. */
function tearLine(path: string): void {
  const [line] = readFileSync(path, 'utf8').split('\n');
  appendFileSync(path, line.slice(0, Math.ceil(Math.random() * line.length)));
}

/** Lets a worker live for a random time; returns the trials that it acknowledged. */
async function killWorker(path: string): Promise<Told[]> {
  const child = spawn(process.execPath, [worker, path, String(lockGraceMs)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = once(child, 'close');
  // One in ten is killed while it starts.
  if (Math.random() < 0.1) await wait(Math.random() * longestLifeMs);
  else {
    await Promise.race([once(child.stdout, 'data'), ended]);
    await wait(Math.random() * longestLifeMs);
  }
  child.kill('SIGKILL');
  await ended;
  if (errors) throw new Error(`worker: ${errors}`);
  const lines = output.split('\n').filter((line) => line.startsWith('[') && line.endsWith(']'));
  return lines.map((line) => JSON.parse(line));
}

function findLost(trials: readonly Trial[], told: readonly Told[]): Told[] {
  return told.filter(
    ([number, state, value]) => trials[number]?.state !== state || trials[number].values?.[0] !== value,
  );
}

function countDoubled(numbers: readonly number[]): number {
  return numbers.length - new Set(numbers).size;
}
