import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Distribution, Sampler } from '@hitscan/core/tune';
import { createMedianPruner, createStudy, openStudy, TrialEndedError } from '@hitscan/core/tune';
import { openStorage } from '../packages/hitscan/src/storages/openStorage.ts';
import { identifyProcess } from '../packages/hitscan/src/workers/processes.ts';

// `node scripts/checkOptuna.ts [address…]`: two processes of ours and one of Python's Optuna run trials of one study at the
// same time, then Optuna reads it, and we go on with it. In a database each then takes the other for dead, and does what a dead
// process left again. Without addresses, a journal and an SQLite file are made. PYTHON
// names an interpreter that has Optuna; for PostgreSQL, psycopg2 too. Prints JSON; exits with 1 where a trial is lost or doubled.
const self = fileURLToPath(import.meta.url);
const python = process.env.PYTHON ?? 'python3';
const pythonHalf = self.replace(/\.ts$/, '.py');
const trialsEach = 50;

const unit: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };
const sampler: Sampler = {
  inferJointSpace: () => new Map(),
  drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
  drawAlone: (_, __, ___, distribution) => {
    if (distribution.kind === 'categorical') return Math.floor(Math.random() * distribution.choices.length);
    const { low, high } = distribution;
    if (distribution.kind === 'int') return low + Math.floor(Math.random() * (high - low + 1));
    return low + Math.random() * (high - low);
  },
};

/** The same objective as in the other half. */
async function work(address: string, count: number): Promise<void> {
  const storage = await openStorage(address);
  const study = await openStudy({
    storage,
    name: 'shared',
    sampler,
    pruner: createMedianPruner(),
    processes: identifyProcess(),
  });
  for (let i = 0; i < count; i++) {
    const trial = await study.ask();
    const x = Number(await trial.suggest('x', { ...unit, low: -5, high: 5 } as Distribution));
    const rate = Number(await trial.suggest('rate', { ...unit, low: 1e-4, log: true } as Distribution));
    const layers = Number(await trial.suggest('layers', { kind: 'int', low: 1, high: 8, log: false, step: 1 }));
    const kind = await trial.suggest('kind', { kind: 'categorical', choices: ['a', 'b', null] });
    const value = x ** 2 + Math.abs(layers - 4) + (kind === 'b' ? 0 : 1) + rate;
    await trial.setAttribute('from', 'hitscan');
    let pruned = false;
    for (let step = 0; step < 3 && !pruned; step++) {
      await trial.report(value + 1 / (step + 1), step);
      pruned = await trial.shouldPrune();
    }
    await study.tell(trial, pruned ? { state: 'pruned' } : { state: 'complete', values: [value] });
  }
  await storage.close();
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}`);
  return output;
}

function toPythonAddress(address: string): string {
  return address.endsWith('.db') ? `sqlite:///${address}` : address.replace(/^postgresql:/, 'postgresql+psycopg2:');
}

async function check(address: string, pythonAddress: string): Promise<Record<string, unknown>> {
  const storage = await openStorage(address);
  const study = await createStudy(
    { storage, name: 'shared', sampler, pruner: createMedianPruner(), processes: identifyProcess() },
    ['minimize'],
  );
  const begun = performance.now();
  const ours = () => run(process.execPath, [self, 'work', address, String(trialsEach)]);
  await Promise.all([
    ours(),
    ours(),
    run(python, ['-W', 'ignore', pythonHalf, 'work', pythonAddress, String(trialsEach)]),
  ]);
  const seconds = (performance.now() - begun) / 1000;
  const read = JSON.parse(await run(python, ['-W', 'ignore', pythonHalf, 'read', pythonAddress]));
  // Back and forth: five more of ours, five more of Optuna's, and our own count of all.
  await work(address, 5);
  await run(python, ['-W', 'ignore', pythonHalf, 'work', pythonAddress, '5']);
  const trials = await study.readTrials();
  await storage.close();
  const whole = trials.every(
    ({ number, values, state }, i) => number === i && (state === 'fail' || values?.length === 1),
  );
  const everyone = read.from.Python === trialsEach && read.from.hitscan === 2 * trialsEach;
  const good =
    everyone && read.trials === 3 * trialsEach && read.numbers && trials.length === read.trials + 10 && whole;
  return { address, good, seconds, ...read, trialsAfterwards: trials.length };
}

/** Heartbeats, both ways; `good` where each sees the other's, and what comes back too late is refused. */
async function checkHeartbeats(address: string, pythonAddress: string): Promise<Record<string, unknown>> {
  const askPython = async () => JSON.parse(await run(python, ['-W', 'ignore', pythonHalf, 'stale', pythonAddress]));
  const storage = await openStorage(address);
  const pace = { beatMs: 500, graceMs: 4000, strangerGraceMs: 4000, confirmMs: 2000 };
  const study = await openStudy({
    storage,
    name: 'shared',
    sampler,
    pruner: createMedianPruner(),
    processes: identifyProcess(),
    pace,
  });
  const trial = await study.ask();
  await trial.suggest('x', { ...unit, low: -5, high: 5 } as Distribution);
  // Longer than Optuna's grace of five seconds: it lives because it beats.
  await wait(7000);
  const alive = await askPython();
  const still = await openStudy({
    storage,
    name: 'shared',
    sampler,
    pruner: createMedianPruner(),
    processes: identifyProcess(),
    pace,
  });
  const stopped = await still.ask();
  still.drop(stopped);
  await wait(7000);
  const stale = await askPython();
  const refused = await still.tell(stopped, { state: 'complete', values: [1] }).then(
    () => false,
    (error: unknown) => error instanceof TrialEndedError,
  );
  // What Optuna made of it waits for whoever asks next.
  const copy = await study.ask();
  const ofOptuna = (await study.readTrials())[copy.number].systemAttributes.failed_trial === stopped.number;
  await study.tell(copy, { state: 'complete', values: [1] });

  await run(python, ['-W', 'ignore', pythonHalf, 'die', pythonAddress]).catch(() => {});
  const dead = (await study.readTrials()).at(-1);
  await wait(pace.graceMs + 1000);
  const failed = (await study.silent.settle(new AbortController().signal)).map(({ number }) => number);
  await study.tell(trial, { state: 'complete', values: [1] });
  const running = (await study.readTrials()).filter(({ state }) => state === 'running').length;
  await storage.close();
  const seen = alive.beating.includes(trial.number) && alive.stale.length === 0 && stale.stale.length === 1;
  const good = seen && refused && ofOptuna && failed.join() === String(dead?.number) && running === 0;
  return { address, good, alive, stale, refused, ofOptuna, dead: dead?.number, failed, running };
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'work') await work(rest[0], Number(rest[1]));
else {
  const folder = mkdtempSync(join(tmpdir(), 'hitscan-optuna-'));
  const files = [join(folder, 'study.log'), join(folder, 'study.db')];
  const results: Record<string, unknown>[] = [];
  for (const address of command ? [command, ...rest] : files) {
    results.push(await check(address, toPythonAddress(address)));
    // Optuna has none in a journal.
    if (!address.endsWith('.log')) results.push(await checkHeartbeats(address, toPythonAddress(address)));
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  if (!results.every(({ good }) => good)) process.exitCode = 1;
}
