/**
 * This checkout's speed beside another's, of this or of an earlier version:
 *
 *   node bench/compare.ts <other checkout> [case …] [--rounds n] [--json]
 *
 * A round is a process in which calls of both engines alternate, so that whatever disturbs the machine disturbs both alike; which
 * of them is loaded and called first changes from round to round. Reading takes a process each. The interval is over rounds. A ratio
 * above 1 means that this checkout takes longer.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { summarise } from './measure.ts';
import { drawTokens, tokens } from './tokensTask.ts';

type Engine = typeof import('@hitscan/mamba');

/** Work that can be repeated: a call does it so many times, in some 50 ms. */
interface Work {
  readonly times: number;
  run(): void | Promise<void>;
  dispose?(): Promise<void>;
}

/** Seconds of one repetition: by the clock, and of all threads' processors. */
interface Figure {
  readonly seconds: number;
  readonly processorSeconds: number;
}

interface Size {
  readonly layers: number;
  readonly dModel: number;
  readonly dState: number;
}

function buildModel({ tokenNetwork }: Engine, size: Size, summary: boolean) {
  const edges = Array.from({ length: 10 }, () => Float32Array.from({ length: 11 }, (_, j) => -2 + 0.4 * j));
  // Nothing is masked, by whichever name the version has for it.
  const unmasked = { hidden: 0, maskShare: 0 };
  const shape = { ...size, dConv: 4, expand: 2, edges, categories: [12, 2, 5], dropout: 0.1, seed: 1, summary };
  return tokenNetwork({ ...shape, ...unmasked });
}

const defaultSize = { layers: 1, dModel: 16, dState: 4 };
const largeSize = { layers: tokens.layers, dModel: tokens.dModel, dState: tokens.dState };

/** Optimiser steps in a training that goes on; a call does `times` of them. */
async function steps(engine: Engine, size: Size, batchRows: number, threads: number, times: number): Promise<Work> {
  const training = engine.createTraining({
    backend: engine.createBackend('relaxed'),
    model: buildModel(engine, size, size === defaultSize),
    config: { loss: 'meanSquaredError', epochs: 1_000_000, batchRows, schedule: { kind: 'constant', warmup: 0 } },
    training: drawTokens(batchRows * 16),
    threads,
  });
  const run = training.run();
  return {
    times,
    async run() {
      for (let step = 0; step < times; step++) await run.next();
    },
    async dispose() {
      await run.return();
      await training.dispose();
    },
  };
}

/** The scan, forward and backward, of 128 rows of 13 positions. */
function scan({ createBackend, randomStream }: Engine): Work {
  const { arena, kernels } = createBackend('relaxed');
  const random = randomStream(1, 'compare scan');
  const [batch, length, inner, state] = [128, 13, 128, 16];
  const shapes = {
    ...{ u: [batch, length, inner], dt: [batch, length, inner], dtBias: [inner], ALog: [inner, state] },
    ...{ B: [batch, length, state], C: [batch, length, state], D: [inner], z: [batch, length, inner] },
  };
  type Tensors = Record<keyof typeof shapes, ReturnType<typeof arena.allocate>>;
  const allocate = () =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, arena.allocate(shape)])) as Tensors;
  const [inputs, gradients] = [allocate(), allocate()];
  const [y, dy] = [arena.allocate(shapes.u), arena.allocate(shapes.u)];
  for (const { data } of [...Object.values(inputs), dy])
    for (let i = 0; i < data.length; i++) data[i] = random.normal() / 2;
  const into = Object.fromEntries(
    Object.entries(gradients).map(([name, tensor]) => [name, { ...tensor, accumulate: false }]),
  ) as { [name in keyof Tensors]: Tensors[name] & { readonly accumulate: boolean } };
  // A sequence shorter than a chunk keeps no state.
  const states = arena.allocate([batch, 0, inner / 64, state, 64]);
  return {
    times: 5,
    run() {
      for (let i = 0; i < 5; i++) {
        kernels.selectiveScan.forward(inputs, y, states);
        kernels.selectiveScan.backward(inputs, states, dy, into);
      }
    },
  };
}

/** Predictions of the larger model for 256 rows. */
function predictions(engine: Engine): Work {
  const { createBackend, createPredictor, loadParameters, randomStream } = engine;
  const backend = createBackend('relaxed');
  const model = buildModel(engine, largeSize, false);
  const drawn = model.parameters.map(({ name, shape, initialise }) => {
    const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
    initialise(data, randomStream(1, name));
    return [name, { shape, data }] as const;
  });
  const predictor = createPredictor(backend, model, loadParameters(backend, model.parameters, new Map(drawn)));
  const examples = drawTokens(256);
  return { times: 1, run: () => void predictor.predict(examples) };
}

const engineCases: Readonly<Record<string, (engine: Engine) => Work | Promise<Work>>> = {
  'default-step': (engine) => steps(engine, defaultSize, 32, 1, 80),
  'tokens-step-1': (engine) => steps(engine, largeSize, 128, 1, 1),
  'tokens-step-2': (engine) => steps(engine, largeSize, 128, 2, 1),
  scan,
  predictions,
};
const names = [...Object.keys(engineCases), 'reading'];

/** This checkout's figures and the other's, one of each from every turn. */
interface Turns {
  readonly ours: readonly Figure[];
  readonly theirs: readonly Figure[];
}

/** How long a round lasts; its first turns, in which functions are compiled, do not count. */
const [roundMs, warmupMs] = [5000, 1200];

async function measureCall({ times, run }: Work): Promise<Figure> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000 / times,
    processorSeconds: (user + system) / 1e6 / times,
  };
}

/** Turns of two engines in this process, the first checkout's figures as `ours`. */
async function takeTurns(checkouts: readonly string[], name: string): Promise<Turns> {
  const works: Work[] = [];
  for (const checkout of checkouts) {
    const entry = pathToFileURL(join(checkout, 'packages/mamba/src/index.ts')).href;
    works.push(await engineCases[name](await import(entry)));
  }
  const figures: [Figure[], Figure[]] = [[], []];
  const began = performance.now();
  for (let turn = 0; turn < 8 || performance.now() - began < roundMs; turn++) {
    const warm = performance.now() - began > warmupMs;
    // a b, b a, a b …
    for (const which of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const figure = await measureCall(works[which]);
      if (warm) figures[which].push(figure);
    }
  }
  for (const work of works) await work.dispose?.();
  return { ours: figures[0], theirs: figures[1] };
}

async function ask(...args: readonly string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

/** A round's turns, in processes of their own. */
async function takeRound(own: string, other: string, name: string, round: number, songs: string): Promise<Turns> {
  const order = round % 2 === 0 ? [own, other] : [other, own];
  if (name !== 'reading') {
    const { ours, theirs }: Turns = await ask(fileURLToPath(import.meta.url), ...order, name, '--round');
    return round % 2 === 0 ? { ours, theirs } : { ours: theirs, theirs: ours };
  }
  const found = new Map<string, Figure>();
  for (const checkout of order) found.set(checkout, await ask(join(checkout, 'bench/reading.ts'), '--once', songs));
  return { ours: [found.get(own) as Figure], theirs: [found.get(other) as Figure] };
}

/** The median of ratios, and those two of them between which it is with a probability of at least 95 %. */
function compareRatios(ratios: readonly number[]) {
  const sorted = ratios.toSorted((a, b) => a - b);
  const n = sorted.length;
  // Binomial(n, ½): the probability that so many ratios or fewer are below the median.
  let [left, term, below] = [0, 0.5 ** n, 0];
  for (; below + term <= 0.025; left++) {
    below += term;
    term *= (n - left) / (left + 1);
  }
  const [low, high] = left > 0 ? [sorted[left - 1], sorted[n - left]] : [Number.NaN, Number.NaN];
  return { ratio: summarise(sorted).median, low, high };
}

async function compare(name: string, other: string, rounds: number, songs: string) {
  const own = resolve(import.meta.dirname, '..');
  const all: Turns[] = [];
  for (let round = 0; round < rounds; round++) all.push(await takeRound(own, other, name, round, songs));
  const compareBy = (key: keyof Figure) => {
    const valuesOf = (whose: keyof Turns) => all.flatMap((turns) => turns[whose].map((figure) => figure[key]));
    const [ours, theirs] = [summarise(valuesOf('ours')), summarise(valuesOf('theirs'))];
    const ratios = all.map(
      (turns) => summarise(turns.ours.map((figure, i) => figure[key] / turns.theirs[i][key])).median,
    );
    return { ours, theirs, ratioOfMinima: ours.minimum / theirs.minimum, ...compareRatios(ratios) };
  };
  return { name, seconds: compareBy('seconds'), processorSeconds: compareBy('processorSeconds') };
}

function format({ name, ...by }: Awaited<ReturnType<typeof compare>>): string {
  const lines = (['seconds', 'processorSeconds'] as const).map((key) => {
    const { ours, theirs, ratio, low, high, ratioOfMinima } = by[key];
    const times = [ours, theirs].map(({ median }) => `${(1000 * median).toPrecision(4)} ms`.padStart(12)).join('');
    const interval = `${ratio.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    const label = key === 'seconds' ? [name, 'clock'] : ['', 'processors'];
    return `${label[0].padEnd(15)}${label[1].padEnd(10)}${times}   ${interval}   of minima ${ratioOfMinima.toFixed(3)}`;
  });
  return `${lines.join('\n')}\n`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { round: { type: 'boolean' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
});
const [other, ...chosen] = positionals;
if (values.round) {
  process.stdout.write(JSON.stringify(await takeTurns([other, chosen[0]], chosen[1])));
} else if (!other || !chosen.every((name) => names.includes(name))) {
  process.stderr.write(`usage: node bench/compare.ts <other checkout> [${names.join('|')} …] [--rounds n] [--json]\n`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'hitscan-compare-'));
  try {
    const songs = join(folder, 'songs.csv');
    const cases = chosen.length > 0 ? chosen : names;
    const writing = [join(import.meta.dirname, 'reading.ts'), '1000000', '--write', songs];
    if (cases.includes('reading')) await promisify(execFile)(process.execPath, writing);
    const results: Awaited<ReturnType<typeof compare>>[] = [];
    if (!values.json) process.stdout.write('this checkout, the other, ratio [95 % interval of the median]\n');
    for (const name of cases) {
      results.push(await compare(name, resolve(other), Number(values.rounds ?? 12), songs));
      if (!values.json) process.stdout.write(format(results[results.length - 1]));
    }
    if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
