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
/** Workers that share the journal at a time. */
const crewSize = 2;
/** Less than Optuna's 30 seconds, so that a lock which a dead worker left is gone while the next ones live. */
const lockGraceMs = 100;
/** How long after its beginnings a worker may live: from none to some tens of trials. */
const longestLifeMs = 500;

type Told = readonly [number: number, state: string, value: number];

export interface TortureReport {
  readonly kills: number;
  /** Trials that workers had told about and knew to be kept. */
  readonly acknowledged: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** Numbers that more than one trial was told by, or that more than one trial has. */
  readonly doubled: number;
  /** Trials that still run when every worker is dead and one has looked. */
  readonly running: number;
}

/**
 * Runs a study in a journal, or in an SQLite file, by workers that are killed with SIGKILL at random moments, again and
 * again, and compares what they had said with what is there. Throws where a trial that was told about is gone or another,
 * or the file cannot be read.
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
  for (let killed = 0; killed < kills; killed += crewSize) {
    const crew = Array.from({ length: crewSize }, () => killWorker(path));
    for (const lines of await Promise.all(crew)) told.push(...lines);
    const lost = findLost(await study.readTrials(), told);
    if (lost.length > 0) throw new Error(`after ${killed + crewSize} kills: lost ${JSON.stringify(lost)}`);
    if (!path.endsWith('.db') && Math.random() < 0.5) tearLine(path);
  }
  await study.failAbandoned();
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

/** Leaves the beginning of a line at the journal's end: a kill seldom falls into the midst of a write, a full disk does. */
function tearLine(path: string): void {
  const [line] = readFileSync(path, 'utf8').split('\n');
  appendFileSync(path, line.slice(0, Math.ceil(Math.random() * line.length)));
}

/** Lets a worker live for a random time, and gives what it had said. */
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
  // One in ten dies while it begins.
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
