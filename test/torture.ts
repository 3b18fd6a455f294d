import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readSafetensors } from '@hitscan/mamba';
import { listDifferences } from './compareRuns.ts';
import { type Outcome, runHitscan, startHitscan } from './runHitscan.ts';

/** The commands that write a run, each small enough to take seconds. */
export const tortured = {
  train: ['--tune', '2', '--set', 'tuneFolds=2', '--models', 'linear,forest,mamba-tokens,mamba-seed'],
  tune: ['--trials', '8', '--folds', '2', '--jobs', '1', '--models', 'linear,mamba-tokens'],
  evaluate: ['--models', 'linear,forest,mamba-tokens', '--folds', '3', '--repeats', '1'],
  investigate: ['--folds', '2', '--repeats', '1'],
} as const;

export type TorturedCommand = keyof typeof tortured;

const size = ['--rows', '300', '--set', 'epochs=8', '--set', 'dModel=8', '--set', 'layers=1', '--set', 'explain=2'];
const often = ['--set', 'intervalFolds=2', '--set', 'checkpointSeconds=0.05', '--quiet'];

/** The file whose presence marks a run as finished. */
const resultFiles: Readonly<Record<TorturedCommand, string>> = {
  train: 'metrics.json',
  tune: 'metrics.json',
  evaluate: 'evaluation.json',
  investigate: 'investigation.json',
};

/** How the runs of a command ended. */
export interface TortureReport {
  readonly command: TorturedCommand;
  readonly kills: number;
  /** Kills by SIGTERM, after which the command must save a checkpoint and end with 130. */
  readonly terminated: number;
  /** Times that a process was stopped with all its threads and continued after a while. */
  readonly stopped: number;
  /** Runs that were resumed until they were finished. */
  readonly runs: number;
  /** What was wrong: a figure that differs from the uninterrupted run's, a broken file, an unexpected exit. */
  readonly faults: readonly string[];
  /** Duration of the uninterrupted run. */
  readonly wholeSeconds: number;
  /** The longest time from a SIGTERM to the end. */
  readonly longestEndSeconds: number;
}

/** Arguments that start a run of a command in a folder. */
export function startArguments(command: TorturedCommand, out: string): string[] {
  const own = command === 'evaluate' || command === 'investigate' ? ['--threads', '2'] : [];
  return [command, ...tortured[command], ...size, ...often, ...own, '--out', out];
}

/** The files of a run that are incomplete. */
function findBroken(run: string): string[] {
  return readdirSync(run, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(run, name);
    if (statSync(path).isDirectory()) return false;
    try {
      if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
      if (name.endsWith('.safetensors')) readSafetensors(readFileSync(path));
      if (name.endsWith('.html')) return !/<\/html>\s*$/.test(readFileSync(path, 'utf8'));
      return name.endsWith('.partial');
    } catch {
      return true;
    }
  });
}

/** Runs a command until it ends or a signal ends it at a random moment; no signal is sent if `longestMs` is null. */
async function live(args: readonly string[], folder: string, longestMs: number | null) {
  const { child, outcome } = startHitscan(args, folder);
  if (longestMs === null) return { ...(await outcome), ended: true, gently: false, stopped: 0, seconds: 0 };
  const over = outcome.then(() => true);
  const isOver = (ms: number): Promise<boolean> => Promise.race([over, wait(ms, false)]);
  let stopped = 0;
  let ended = await isOver(Math.random() * longestMs);
  if (!ended && Math.random() < 0.3) {
    child.kill('SIGSTOP');
    await wait(Math.random() * 1000);
    child.kill('SIGCONT');
    stopped++;
    ended = await isOver(Math.random() * longestMs);
  }
  const gently = Math.random() < 0.25;
  const begun = performance.now();
  if (!ended) child.kill(gently ? 'SIGTERM' : 'SIGKILL');
  const { status, signal, stderr } = await outcome;
  const seconds = gently && !ended ? (performance.now() - begun) / 1000 : 0;
  return { status, signal, stderr, ended, gently, stopped, seconds };
}

/** How a process ended if that was unexpected, else null. */
function findOddEnd({ status, signal, stderr }: Pick<Outcome, 'status' | 'signal' | 'stderr'>): string | null {
  // A process may finish just before the signal, end at once because there is nothing to save yet, or die of the signal before it
  // listens for any.
  if (signal !== null || status === 0 || status === 130) return null;
  return `ended with ${signal ?? status}: ${stderr.trim()}`;
}

/**
 * Runs a command again and again, kills it at random moments and resumes it, until so many kills are made and the last run is
 * finished. Compares every finished run with an uninterrupted one.
 */
export async function tortureRuns(command: TorturedCommand, folder: string, kills: number): Promise<TortureReport> {
  const begun = performance.now();
  const first = await runHitscan(startArguments(command, `${command}-whole`), folder);
  if (first.status !== 0) throw new Error(`the uninterrupted run failed: ${first.stderr}`);
  const wholeMs = performance.now() - begun;
  const faults: string[] = [];
  const count = { kills: 0, terminated: 0, stopped: 0, runs: 0 };
  let longestEndSeconds = 0;
  for (let number = 0; count.kills < kills; number++) {
    const out = `${command}-${number}`;
    const run = join(folder, out);
    const isFinished = () => existsSync(join(run, resultFiles[command]));
    const fault = (text: string) => faults.push(`${out}, after ${count.kills} kills: ${text}`);
    while (!isFinished()) {
      const begins = !existsSync(join(run, 'config.json'));
      if (begins) rmSync(run, { recursive: true, force: true });
      const args = begins ? startArguments(command, out) : [command, '--resume', out, '--quiet'];
      const life = await live(args, folder, count.kills < kills ? wholeMs : null);
      count.stopped += life.stopped;
      if (!life.ended) {
        count.kills++;
        if (life.gently) count.terminated++;
        longestEndSeconds = Math.max(longestEndSeconds, life.seconds);
      }
      const odd = findOddEnd(life);
      if (odd) fault(odd);
      if (existsSync(run)) for (const name of findBroken(run)) fault(`${name} is incomplete`);
      // It would fail again for ever.
      if (odd && life.ended) break;
    }
    if (!isFinished()) continue;
    count.runs++;
    for (const name of await listDifferences(join(folder, `${command}-whole`), run))
      fault(`${name} differs from the uninterrupted run`);
    rmSync(run, { recursive: true, force: true });
  }
  const left = readdirSync(folder).filter((name) => name.endsWith('.partial'));
  faults.push(...left.map((name) => `${name} is left behind`));
  return { command, ...count, faults, wholeSeconds: wholeMs / 1000, longestEndSeconds };
}
