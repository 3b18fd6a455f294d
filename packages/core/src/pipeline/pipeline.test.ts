import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryHost, type MemoryHost, type MemoryStore } from '../../testing/memoryHost.ts';
import { generateTwin } from '../tracks/twin.ts';
import { checkConfig, type GivenConfig, resolveConfig } from './configuration.ts';
import { type ContestSteps, reopenContest, runContestSteps, startContest } from './contestRun.ts';
import { evaluationSteps } from './evaluation.ts';
import type { Environment, PipelineEvent } from './events.ts';
import { explainSongs } from './explanation.ts';
import { openFinishedRun } from './finishedRun.ts';
import { investigationSteps } from './investigation.ts';
import { reopenTraining, startTraining } from './openTraining.ts';
import { planTraining, runTraining } from './training.ts';

const tracks = generateTwin({ rows: 120, seed: 5 });
const quick: GivenConfig = {
  models: ['mean', 'linear', 'mamba-tokens'],
  epochs: 1,
  dModel: 4,
  layers: 1,
  deterministic: true,
  intervalFolds: 2,
  explain: 12,
  tuneFolds: 2,
};

let host: MemoryHost;
let events: PipelineEvent[];
let controller: AbortController;
beforeEach(() => {
  host = createMemoryHost({ songs: tracks });
  events = [];
  controller = new AbortController();
});

const environment = (onEvent: (event: PipelineEvent) => void = () => {}): Environment => ({
  host,
  signal: controller.signal,
  onEvent(event) {
    events.push(event);
    onEvent(event);
  },
});
const kinds = () => new Set(events.map(({ kind }) => kind));

function startQuick(given: GivenConfig, out: string) {
  const plan = planTraining('train', { ...quick, ...given }, () => null, host);
  return startTraining({ ...plan, data: 'songs', out }, environment());
}

async function trainQuick(given: GivenConfig, out: string): Promise<MemoryStore> {
  await runTraining(await startQuick(given, out), environment());
  return host.stores.get(out) as MemoryStore;
}

/** All that a run has left, but for its times and the study's, which tells of times too. */
function listLasting({ files, readText }: MemoryStore): Record<string, string> {
  const timed = ['timings.json', 'report.html', 'study.journal'];
  return Object.fromEntries(
    [...files.keys()].filter((name) => !timed.includes(name)).map((name) => [name, readText(name)]),
  );
}

/** What a run leaves that nothing interrupts; the same for every test. */
let whole: MemoryStore | undefined;
const wholeRun = async (): Promise<MemoryStore> => {
  whole ??= await trainQuick({ tune: 2 }, 'whole');
  return whole;
};

describe('a training', () => {
  test('leaves its models, its results and a report, and tells what it did', async () => {
    const run = await trainQuick({ tune: 2 }, 'run');
    expect([...run.files.keys()].sort()).toEqual([
      'MODEL_CARD.md',
      'config.json',
      'data.json',
      'history.jsonl',
      'insight.json',
      'intervals.json',
      'metrics.json',
      'model.safetensors',
      'models/linear.safetensors',
      'models/mean.safetensors',
      'predictions.csv',
      'report.html',
      'split.json',
      'timings.json',
      'tuning.json',
    ]);
    const { models, tuning, omitted } = run.readDocument('metrics.json') as {
      models: { name: string }[];
      tuning: { trials: number; storage: string };
      omitted: unknown[];
    };
    expect(models.map(({ name }) => name)).toEqual(['mean', 'linear', 'mamba-tokens']);
    expect(tuning).toMatchObject({ trials: 2, storage: 'study.journal' });
    expect(omitted).toEqual([]);
    const seen = ['songs', 'split', 'search', 'trial', 'searched', 'model', 'intervals', 'explanation', 'measured'];
    expect(seen.filter((kind) => !kinds().has(kind as PipelineEvent['kind']))).toEqual([]);
  });

  test.each<[string, (event: PipelineEvent) => boolean]>([
    ['in its search', ({ kind }) => kind === 'trial'],
    ['after its first model', ({ kind }) => kind === 'model'],
    ['among its intervals', (event) => event.kind === 'intervals' && event.model === 'mamba-tokens'],
    ['in its explanation', ({ kind }) => kind === 'explanation'],
  ])('that is interrupted %s goes on to the same files', async (_, isMoment) => {
    const whole = await wholeRun();
    const prepared = await startQuick({ tune: 2 }, 'stopped');
    const stopped = runTraining(
      prepared,
      environment((event) => {
        if (isMoment(event)) controller.abort(new Error('enough'));
      }),
    );
    await expect(stopped).rejects.toThrow('enough');
    const store = host.stores.get('stopped') as MemoryStore;
    expect(store.has('metrics.json')).toBe(false);
    controller = new AbortController();
    await runTraining(await reopenTraining('stopped', 1, environment()), environment());
    expect(listLasting(store)).toEqual(listLasting(whole));
  });

  test('that is finished is not resumed, and a change of its songs or its split is refused', async () => {
    await trainQuick({ tune: 0 }, 'run');
    await expect(reopenTraining('run', 1, environment())).rejects.toThrow('--resume: must be an unfinished run');
    await startQuick({ tune: 0 }, 'begun');
    const store = host.stores.get('begun') as MemoryStore;
    const split = store.readText('split.json');
    store.write('split.json', split.replace('"seed": 1', '"seed": 2'));
    await expect(reopenTraining('begun', 1, environment())).rejects.toThrow('begun/split.json seed: must be 1');
    store.write('split.json', split);
    store.write('data.json', store.readText('data.json').replace(tracks.source.sha256, '0'.repeat(64)));
    await expect(reopenTraining('begun', 1, environment())).rejects.toThrow('must be unchanged since begun began');
  });

  test('of songs that cannot be split leaves nothing', async () => {
    host = createMemoryHost({ songs: generateTwin({ rows: 19, seed: 1 }) });
    await expect(startQuick({}, 'run')).rejects.toThrow('training needs at least 20 usable rows, got 19');
    expect(host.stores.size).toBe(0);
  });
});

describe('a finished run', () => {
  test('explains songs of any table', async () => {
    await trainQuick({ tune: 0 }, 'run');
    const request = {
      source: 'songs',
      choose: () => Uint32Array.of(3, 5),
      most: 1,
      model: undefined,
      data: undefined,
      gain: 5,
      whatIfs: [{ energy: 0.9 }],
    };
    const { songs, model, test: figures } = await explainSongs(openFinishedRun('run', host), request, environment());
    expect(model).toBe('mamba-tokens');
    expect(figures.mae).toBeGreaterThan(0);
    expect(songs).toHaveLength(1);
    const [{ prediction, base, contributions, whatIfs }] = songs;
    const sum = contributions.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum).toBeCloseTo(prediction - base, 6);
    expect(whatIfs).toHaveLength(1);
    expect(events).toContainEqual({ kind: 'chosen', rejects: [], explained: 1, chosen: 2 });
  });

  test('is refused before its end', async () => {
    await startQuick({ tune: 0 }, 'run');
    expect(() => openFinishedRun('run', host)).toThrow('must be a finished run, got one without metrics.json');
  });
});

describe('a contest', () => {
  async function hold<Plan>(steps: ContestSteps<Plan>, given: GivenConfig, out: string) {
    const config = resolveConfig(1, steps.defaults, { ...quick, ...given });
    const run = await startContest(steps, { data: 'songs', config, out }, environment());
    return runContestSteps(steps, run, environment());
  }

  test.each<[string, ContestSteps<never>, string, GivenConfig, number]>([
    ['evaluation', evaluationSteps as ContestSteps<never>, 'evaluation.json', { folds: 2, repeats: 1 }, 120],
    ['investigation', investigationSteps as ContestSteps<never>, 'investigation.json', { folds: 2, repeats: 1 }, 40],
  ])('%s: finished, and interrupted and resumed, it leaves the same results', async (_, steps, file, given, rows) => {
    host = createMemoryHost({ songs: generateTwin({ rows, seed: 5 }) });
    const { document, text } = await hold(steps, given, 'whole');
    expect(text.length).toBeGreaterThan(200);
    expect(document).toMatchObject({ run: 'whole', omitted: [] });
    const whole = host.stores.get('whole') as MemoryStore;
    const config = resolveConfig(1, steps.defaults, { ...quick, ...given });
    const run = await startContest(steps, { data: 'songs', config, out: 'stopped' }, environment());
    const stopping = environment((event) => {
      if (event.kind === 'contest' && event.progress.finished === 2) controller.abort(new Error('enough'));
    });
    await expect(runContestSteps(steps, run, stopping)).rejects.toThrow('enough');
    controller = new AbortController();
    const again = await reopenContest(steps, 'stopped', 1, environment());
    await runContestSteps(steps, again, environment());
    const stopped = host.stores.get('stopped') as MemoryStore;
    expect(stopped.readText(file)).toBe(whole.readText(file));
    expect(stopped.readText('fits.jsonl')).toBe(whole.readText('fits.jsonl'));
    await expect(reopenContest(steps, 'stopped', 1, environment())).rejects.toThrow('must be an unfinished run');
  });
});

describe('a configuration', () => {
  test('takes the last of what is given, and defaults for the rest', () => {
    const config = resolveConfig(16, { seed: 3, folds: 7 }, { seed: 4 });
    expect(config).toMatchObject({ seed: 4, folds: 7, threads: 8, tune: 20, preset: 'tokens' });
    expect(resolveConfig(2, { preset: 'seed' })).toMatchObject({ threads: 2, tune: 0, dModel: 13, layers: 1 });
  });

  test.each<[GivenConfig, string]>([
    [{ folds: 1 }, '--folds: must be at least 2 for the protocol kfold, got 1'],
    [{ preset: 'seed', dModel: 16 }, '--preset seed: has 1 layer of d_model 13'],
    [{ tuneObjectives: ['time'] }, '--objectives: must name error'],
    [{ models: ['linear'], tune: 3 }, '--models: must name mamba-tokens'],
  ])('%j does not go together', (given, message) => {
    expect(() => resolveConfig(1, given)).toThrow(message);
  });

  test('names the nearest setting for one that is not there', () => {
    expect(() => checkConfig('--set', { learningrates: 1 })).toThrow('did you mean learningRate?');
    expect(() => checkConfig('--set', { epochs: 0 })).toThrow(/^--set epochs: must be at least 1, got 0$/);
  });

  test('a search needs something to search for, and a space a search', () => {
    const space = () => ({ epochs: { kind: 'int', low: 1, high: 2, log: false, step: 1 } }) as const;
    expect(planTraining('tune', {}, space, host).space).toEqual(space());
    expect(() => planTraining('train', { tune: 0 }, space, host)).toThrow('--space: must come with tuning');
    expect(() => planTraining('tune', { tune: 0 }, () => null, host)).toThrow('--trials: must be at least 1');
    expect(() => planTraining('train', {}, () => ({}), host)).toThrow('--tune: must have a setting to search for');
  });
});
