/**
 * This checkout's speed beside another's, of this or of an earlier version:
 *
 *   node bench/compare.ts <other checkout> [case …] [--rounds n] [--json]
 *
 * Every figure comes from a process of its own; the two checkouts take turns, and who is first changes from round to round, so
 * that whatever disturbs the machine disturbs both alike. A ratio above 1 says that this checkout takes longer.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { summarise } from './measure.ts';

type Engine = typeof import('@hitscan/mamba');

/** Work that can be repeated: one call does it so many times. */
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

const categories = [12, 2, 5];
const numeric = 10;

function drawExamples({ randomStream }: Engine, rows: number) {
  const random = randomStream(1, 'compare');
  return {
    rows,
    inputs: {
      numeric: Float32Array.from({ length: rows * numeric }, () => random.normal()),
      codes: Float32Array.from({ length: rows * 3 }, (_, i) => 1 + random.below(categories[i % 3])),
    },
    target: Float32Array.from({ length: rows }, () => random.normal()),
  };
}

interface Size {
  readonly layers: number;
  readonly dModel: number;
  readonly dState: number;
}

function buildModel({ tokenNetwork }: Engine, size: Size, summary: boolean) {
  const edges = Array.from({ length: numeric }, () => Float32Array.from({ length: 11 }, (_, j) => -2 + 0.4 * j));
  // Nothing is masked, by whichever name the version has for it.
  const unmasked = { hidden: 0, maskShare: 0 };
  const shape = { ...size, dConv: 4, expand: 2, edges, categories, dropout: 0.1, seed: 1, summary };
  return tokenNetwork({ ...shape, ...unmasked });
}

const defaultSize = { layers: 1, dModel: 16, dState: 4 };
const largeSize = { layers: 4, dModel: 64, dState: 16 };

/** Optimiser steps in a training that goes on; a call does `times` of them. */
async function steps(engine: Engine, size: Size, batchRows: number, threads: number, times: number): Promise<Work> {
  const training = engine.createTraining({
    backend: engine.createBackend('relaxed'),
    model: buildModel(engine, size, size === defaultSize),
    config: { loss: 'meanSquaredError', epochs: 1_000_000, batchRows, schedule: { kind: 'constant', warmup: 0 } },
    training: drawExamples(engine, batchRows * 16),
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
    times: 20,
    run() {
      for (let i = 0; i < 20; i++) {
        kernels.selectiveScan.forward(inputs, y, states);
        kernels.selectiveScan.backward(inputs, states, dy, into);
      }
    },
  };
}

/** Predictions of the larger model for 1,024 rows. */
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
  const examples = drawExamples(engine, 1024);
  return { times: 1, run: () => void predictor.predict(examples) };
}

const engineCases: Readonly<Record<string, (engine: Engine) => Work | Promise<Work>>> = {
  'default-step': (engine) => steps(engine, defaultSize, 32, 1, 200),
  'tokens-step-1': (engine) => steps(engine, largeSize, 128, 1, 3),
  'tokens-step-2': (engine) => steps(engine, largeSize, 128, 2, 3),
  scan,
  predictions,
};
const names = [...Object.keys(engineCases), 'reading'];

/** The best of some calls, after others that compile and warm up. */
async function measureOnce(checkout: string, name: string): Promise<Figure> {
  const entry = pathToFileURL(join(checkout, 'packages/mamba/src/index.ts')).href;
  const work = await engineCases[name](await import(entry));
  const figures: Figure[] = [];
  const began = performance.now();
  for (let call = 0; call < 12 || performance.now() - began < 1500; call++) {
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await work.run();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - started) / 1000 / work.times;
    if (call >= 4) figures.push({ seconds, processorSeconds: (user + system) / 1e6 / work.times });
  }
  await work.dispose?.();
  const best = (key: keyof Figure) => Math.min(...figures.map((figure) => figure[key]));
  return { seconds: best('seconds'), processorSeconds: best('processorSeconds') };
}

async function ask(checkout: string, name: string, songs: string): Promise<Figure> {
  const self = fileURLToPath(import.meta.url);
  const reading = [join(checkout, 'bench/reading.ts'), '--once', songs];
  const args = name === 'reading' ? reading : [self, checkout, name, '--once'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

/** The median of ratios of pairs, and the places in their order between which it is with at least 95 %. */
function compareRatios(ratios: readonly number[]) {
  const sorted = ratios.toSorted((a, b) => a - b);
  const n = sorted.length;
  // Binomial(n, ½): how often so many ratios or fewer are below the median.
  let [left, term, below] = [0, 0.5 ** n, 0];
  for (; below + term <= 0.025; left++) {
    below += term;
    term *= (n - left) / (left + 1);
  }
  const low = left > 0 ? sorted[left - 1] : Number.NaN;
  return { ratio: summarise(sorted).median, low, high: left > 0 ? sorted[n - left] : Number.NaN };
}

async function compare(name: string, other: string, rounds: number, songs: string) {
  const own = resolve(import.meta.dirname, '..');
  const pairs: { readonly ours: Figure; readonly theirs: Figure }[] = [];
  for (let round = 0; round < rounds; round++) {
    const theirsFirst = round % 2 === 0 ? await ask(other, name, songs) : null;
    const ours = await ask(own, name, songs);
    pairs.push({ ours, theirs: theirsFirst ?? (await ask(other, name, songs)) });
  }
  const figuresOf = (key: keyof Figure) => {
    const [ours, theirs] = [pairs.map((pair) => pair.ours[key]), pairs.map((pair) => pair.theirs[key])];
    const [a, b] = [summarise(ours), summarise(theirs)];
    return {
      ...{ ours: a, theirs: b, ratioOfMinima: a.minimum / b.minimum },
      ...compareRatios(ours.map((seconds, i) => seconds / theirs[i])),
    };
  };
  return { name, seconds: figuresOf('seconds'), processorSeconds: figuresOf('processorSeconds') };
}

function format({ name, ...by }: Awaited<ReturnType<typeof compare>>): string {
  const lines = (['seconds', 'processorSeconds'] as const).map((key) => {
    const { ours, theirs, ratio, low, high, ratioOfMinima } = by[key];
    const times = [ours, theirs].map(({ median }) => `${(1000 * median).toPrecision(4)} ms`.padStart(12)).join('');
    const interval = `${ratio.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    return `${key === 'seconds' ? name.padEnd(15) : ' '.repeat(15)}${key === 'seconds' ? 'clock     ' : 'processors'}${times}   ${interval}   of minima ${ratioOfMinima.toFixed(3)}`;
  });
  return `${lines.join('\n')}\n`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { once: { type: 'boolean' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
});
const [other, ...chosen] = positionals;
const unknown = chosen.find((name) => !names.includes(name));
if (!other || unknown !== undefined) {
  process.stderr.write(`usage: node bench/compare.ts <other checkout> [${names.join('|')} …] [--rounds n] [--json]\n`);
  process.exitCode = 2;
} else if (values.once) {
  process.stdout.write(JSON.stringify(await measureOnce(resolve(other), chosen[0])));
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
