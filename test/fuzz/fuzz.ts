import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RandomStream, randomStream } from '@hitscan/mamba';
import { makeCsv, makeSong } from '../../packages/core/testing/madeCsv.ts';
import { runHitscan } from '../runHitscan.ts';
import { damageRun, pick } from './damageRun.ts';
import { drawLine } from './drawOptions.ts';
import { drawTable } from './drawTable.ts';
import { createLineRunner, type LineOutcome } from './lineRunner.ts';

/** How many of each are tried. */
export interface FuzzCounts {
  /** Damaged folders of runs, explained or resumed. */
  readonly runs: number;
  /** Lines of options. */
  readonly lines: number;
  /** Strange tables of songs, described or trained on. */
  readonly tables: number;
}

/** Something that is not as it is to be. */
export interface FuzzFinding {
  readonly what: string;
  readonly args: readonly string[];
  readonly status: number;
  readonly stderr: string;
}

export interface FuzzReport {
  readonly tried: number;
  readonly statuses: Readonly<Record<number, number>>;
  readonly findings: readonly FuzzFinding[];
}

/** Seconds within which every line is to be answered. */
const patienceSeconds = 10;

const quick = ['--tune', '0', '--set', 'epochs=1', '--set', 'explain=8', '--set', 'intervalFolds=2', '--threads', '1'];

/** Whole runs to be damaged: the folder's name, the command that made it, and what is removed to leave it unfinished. */
const runs: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly removed: readonly string[];
}[] = [
  { name: 'finished', args: ['train', ...quick, '--models', 'mean,linear,mamba-tokens'], removed: [] },
  { name: 'trained', args: ['train', ...quick, '--models', 'linear,mamba-tokens'], removed: ['metrics.json'] },
  {
    name: 'tuned',
    args: ['tune', '--model', 'forest', '--trials', '2', '--folds', '2', '--jobs', '1', ...quick.slice(2)],
    removed: ['metrics.json', 'insight.json', 'tuning.json'],
  },
  {
    name: 'evaluated',
    args: ['evaluate', '--models', 'mean,linear', '--folds', '2', '--repeats', '1'],
    removed: ['evaluation.json'],
  },
];

/** What is wrong with how a line ended; null where nothing is. */
function findFault({ ended, status, stderr }: LineOutcome): string | null {
  if (ended !== 'normally') return `ended ${ended}`;
  if (status !== 0 && status !== 2) return `status ${status}`;
  if (/\n\s+at .*:\d+:\d+/.test(stderr)) return 'a stack';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(stderr)) return 'control characters';
  if (status === 2 && !/^(hitscan: .+|error: .+)$/m.test(stderr)) return 'no message';
  return null;
}

/**
 * Tries damaged runs, wrong options and strange tables on the command line, in a few processes that are kept: each is to end within
 * ten seconds with status 0 or 2, and with a message of one line.
 */
export async function fuzz(
  counts: FuzzCounts,
  { seed, onTried }: { readonly seed: number; onTried?(tried: number, finding: FuzzFinding | null): void },
): Promise<FuzzReport> {
  const home = mkdtempSync(join(tmpdir(), 'hitscan-fuzz-'));
  const runner = createLineRunner(patienceSeconds);
  const statuses: Record<number, number> = {};
  const findings: FuzzFinding[] = [];
  let tried = 0;

  async function attempt(what: string, args: readonly string[], folder: string): Promise<LineOutcome> {
    const outcome = await runner.run({ args, folder });
    const fault = findFault(outcome);
    note(
      outcome,
      fault === null
        ? null
        : { what: `${what}: ${fault}`, args, status: outcome.status, stderr: outcome.stderr.slice(-1500) },
    );
    return outcome;
  }

  function note({ status }: LineOutcome, finding: FuzzFinding | null): void {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (finding) findings.push(finding);
    tried++;
    onTried?.(tried, finding);
  }

  function freshFolder(random: RandomStream): string {
    const folder = join(home, `try-${random.below(1e9)}`);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async function makeRuns(): Promise<void> {
    const varied = randomStream(seed, 'songs of the fuzz');
    const songs = Array.from({ length: 40 }, (_, i) =>
      makeSong(i, { artist_name: `Artist ${i % 17}`, energy: varied.uniform(), popularity: varied.below(101) }),
    );
    writeFileSync(join(home, 'songs.csv'), makeCsv(songs));
    for (const { name, args, removed } of runs) {
      const { status, stderr } = await runHitscan(
        [args[0], 'songs.csv', ...args.slice(1), '--quiet', '--out', name],
        home,
      );
      if (status !== 0) throw new Error(`the run to be damaged was not made: ${stderr}`);
      cpSync(join(home, name), join(home, `${name}-whole`), { recursive: true });
      for (const file of removed) rmSync(join(home, name, file));
    }
  }

  /** Only where all that decides is what it was may a damaged run come to its end, and then to the same figures. */
  function expectSame(name: string, folder: string, what: string, args: readonly string[], outcome: LineOutcome): void {
    if (outcome.status !== 0 || name !== 'trained' || !what.includes('split.json')) return;
    const figures = (path: string) =>
      JSON.parse(readFileSync(join(path, 'metrics.json'), 'utf8')).models.map(({ test }: { test: unknown }) => test);
    const same = JSON.stringify(figures(join(folder, 'run'))) === JSON.stringify(figures(join(home, `${name}-whole`)));
    if (!same) findings.push({ what: `${what}: other figures`, args, status: 0, stderr: outcome.stderr });
  }

  async function tryRun(random: RandomStream): Promise<void> {
    const { name, args } = pick(runs, random);
    const folder = freshFolder(random);
    cpSync(join(home, name), join(folder, 'run'), { recursive: true });
    cpSync(join(home, 'songs.csv'), join(folder, 'songs.csv'));
    const what = `${name}: ${damageRun(join(folder, 'run'), random)}`;
    const line =
      name === 'finished'
        ? ['explain', 'run', 'songs.csv', '--most', '1', '--json', '--quiet']
        : [args[0], '--resume', 'run', '--quiet'];
    expectSame(name, folder, what, line, await attempt(what, line, folder));
    rmSync(folder, { recursive: true, force: true });
  }

  async function tryLine(random: RandomStream): Promise<void> {
    const folder = freshFolder(random);
    const places = { data: join(home, 'songs.csv'), run: join(home, 'finished') };
    await attempt('options', drawLine(random, places), folder);
    rmSync(folder, { recursive: true, force: true });
  }

  async function tryTable(random: RandomStream): Promise<void> {
    const folder = freshFolder(random);
    writeFileSync(join(folder, 'songs.csv'), drawTable(random));
    const models = [
      '--models',
      pick(['linear,mamba-tokens', 'mean,era,artist,ridge-quadratic', 'forest,mamba-tokens'], random),
    ];
    const split = ['--split', pick(['random', 'artist', 'time'], random)];
    const line = random.below(3)
      ? ['train', 'songs.csv', ...quick, ...models, ...split, '--quiet', '--out', 'made']
      : ['data', 'describe', 'songs.csv'];
    const outcome = await attempt('table', line, folder);
    if (outcome.ended !== 'normally' || outcome.status === 1)
      cpSync(join(folder, 'songs.csv'), join(tmpdir(), `hitscan-fuzz-table-${seed}-${tried}.csv`));
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await makeRuns();
    for (const [kind, count, attemptOne] of [
      ['runs', counts.runs, tryRun],
      ['lines', counts.lines, tryLine],
      ['tables', counts.tables, tryTable],
    ] as const) {
      for (let i = 0; i < count; i++) await attemptOne(randomStream(seed + i, `fuzz of ${kind}`));
    }
    return { tried, statuses, findings };
  } finally {
    runner.dispose();
    rmSync(home, { recursive: true, force: true });
  }
}
