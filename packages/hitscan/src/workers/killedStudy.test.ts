import { presetSettings } from '@hitscan/core/models';
import type { SamplerName } from '@hitscan/core/optionNames';
import { cutFolds, generateTwin } from '@hitscan/core/tracks';
import type { JournalRecord, Pruner, SpaceDeclaration, Trial, TrialTask, TrialThread } from '@hitscan/core/tune';
import {
  chooseSampler,
  createHalvingPruner,
  createHyperbandPruner,
  createMedianPruner,
  createPatiencePruner,
  createPercentilePruner,
  createRecordStorage,
  createThresholdPruner,
  createWilcoxonPruner,
  parsePythonJson,
  tuneModel,
} from '@hitscan/core/tune';
import { describe, expect, test } from 'vitest';
import { identifyProcess } from './processes.ts';

const steps = 10;
const startup = { startupTrials: 2, warmupSteps: 1 };
const pruners: Readonly<Record<string, () => Pruner>> = {
  asha: () => createHalvingPruner({ minResource: 1, reductionFactor: 2 }),
  'asha that measures its rungs': () => createHalvingPruner({ minResource: 'auto', reductionFactor: 2 }),
  hyperband: () => createHyperbandPruner({ minResource: 1, reductionFactor: 2 }),
  median: () => createMedianPruner(startup),
  percentile: () => createPercentilePruner(25, startup),
  patience: () => createPatiencePruner(createMedianPruner(startup), { patience: 1, minDelta: 0 }),
  threshold: () => createThresholdPruner({ upper: 185 }),
  wilcoxon: () => createWilcoxonPruner({ pThreshold: 0.2 }),
};

const space: SpaceDeclaration = {
  learningRate: { kind: 'float', low: 2e-3, high: 2e-2, log: false, step: 2e-3 },
  dropout: { kind: 'float', low: 0, high: 0.4, log: false, step: 0.05 },
  categorySpread: { kind: 'categorical', choices: [0.05, 0.1, 0.3] },
};

/** A learning curve that settings decide: the further from the best, the worse; some turn up again, some diverge, some fail. */
function errorAt(step: number, { learningRate, dropout }: TrialTask['settings']): number {
  const distance = Math.abs(Math.log(Number(learningRate) / 6e-3)) + Number(dropout);
  return 120 + 60 / (step + 1) + 5 * distance * step + ((step * 7919 + Math.round(Number(dropout) * 100)) % 5);
}

const thread: TrialThread = {
  run: async ({ settings }, onReport) => {
    if (settings.dropout === 0.35) return { kind: 'failed', reason: 'made to' };
    for (let step = 0; step < steps; step++) {
      if (!(await onReport({ step, error: errorAt(step, settings) }))) return { kind: 'pruned' };
    }
    const error = errorAt(steps, settings);
    return { kind: 'done', result: { meanError: error, foldErrors: [error], seconds: 1, size: 1 } };
  },
  dispose: async () => {},
};

const tracks = generateTwin({ rows: 60, seed: 1 });
const rows = Uint32Array.from({ length: 60 }, (_, row) => row);
const data = {
  tracks,
  folds: cutFolds(tracks, rows, { kind: 'random', folds: 2, seed: 1 }),
  model: 'mamba-tokens',
  context: [],
  steps: 'epochs',
} as const;

/** Goes on with the study whose journal has these lines, to its end, and adds what happens to them. */
async function goOn(lines: string[], pruner: Pruner, sampler: SamplerName, trials: number): Promise<readonly Trial[]> {
  let read = 0;
  const storage = createRecordStorage({
    read: () => {
      const unread = lines.slice(read).map((line) => parsePythonJson(line) as unknown as JournalRecord);
      read = lines.length;
      return unread;
    },
    append: async (line) => {
      lines.push(line);
    },
    close: () => {},
  });
  const tuned = await tuneModel({
    data,
    space,
    base: presetSettings('tokens', true),
    seed: 1,
    objectives: ['error'],
    trials,
    timeoutSeconds: 60,
    storage,
    study: 'study',
    sampler: chooseSampler(sampler, { seed: 1, space }).sampler,
    pruner,
    threads: [thread],
    processes: identifyProcess(),
    signal: new AbortController().signal,
  });
  return tuned.trials;
}

/** The journal as a process leaves it that is killed after so many records. */
function killAfter(records: number, lines: readonly string[]): string[] {
  // Beyond the largest process number that Linux gives.
  const dead = `"pid":${2 ** 22 + 1}`;
  return lines.slice(0, records).map((line) => line.replace(`"pid":${process.pid}`, dead));
}

/** Trials without what tells when and by whom they were run. */
function describeTrials(trials: readonly Trial[]): unknown {
  return trials.map(({ started: _, ended: __, systemAttributes, ...trial }) => {
    const ofProcess = ['hitscan:worker', 'hitscan:taken_up', 'hitscan:heartbeat'];
    const lasting = Object.entries(systemAttributes).filter(([name]) => !ofProcess.includes(name));
    return { ...trial, systemAttributes: Object.fromEntries(lasting) };
  });
}

interface Length {
  readonly trials: number;
  readonly from?: number;
}

/** Kills a study after every record, from the trial with number `from` on, and again during what follows. */
async function killEverywhere(makePruner: () => Pruner, sampler: SamplerName, { trials, from = 0 }: Length) {
  const lines: string[] = [];
  const whole = await goOn(lines, makePruner(), sampler, trials);
  const expected = describeTrials(whole);
  const begun = lines.flatMap((line, i) => (line.startsWith('{"op_code":4,') ? [i] : []));
  for (let records = from > 0 ? begun[from] : 0; records <= lines.length; records++) {
    const resumed = killAfter(records, lines);
    const once = await goOn(resumed, makePruner(), sampler, trials);
    expect(describeTrials(once), `killed after ${records} of ${lines.length} records`).toEqual(expected);
    if (records % 5 > 0) continue;
    // And again, some records later: within the same trial, or the next.
    const further = records + 4 + (records % 23);
    const again = killAfter(further, resumed);
    const twice = await goOn(again, makePruner(), sampler, trials);
    expect(describeTrials(twice), `killed after ${records} and ${further} records`).toEqual(expected);
  }
  return whole;
}

describe('a study that is killed after any record ends as if it had not been', () => {
  test.each(Object.entries(pruners))('pruned by %s', async (_, makePruner) => {
    const trials = await killEverywhere(makePruner, 'random', { trials: 9 });
    // A pruner that does nothing would show nothing.
    const states = trials.map(({ state }) => state);
    expect(states).toContain('pruned');
    expect(states).toContain('complete');
  });

  test.each([
    // Its first ten trials are drawn at random.
    ['tpe', { trials: 12, from: 9 }],
    ['quasirandom', { trials: 4 }],
    ['grid', { trials: 4 }],
  ] as const)('drawn by %s', async (sampler, length) => {
    await killEverywhere(pruners.hyperband, sampler, length);
  });
});
