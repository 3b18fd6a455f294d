import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryHost, type MemoryHost, type MemoryStore } from '../../testing/memoryHost.ts';
import { evaluateHoldout } from '../evaluate/holdout.ts';
import { readCalibration } from '../intervals/keptCalibration.ts';
import { createRegressor } from '../models/catalogue.ts';
import { openParts } from '../parts.ts';
import { generateTwin } from '../tracks/twin.ts';
import type { GivenConfig } from './configuration.ts';
import type { Environment, PipelineEvent } from './events.ts';
import { gainInsight, predictHits } from './insight.ts';
import { measureRunIntervals } from './intervals.ts';
import { modelFile, openModelStore, readResult } from './modelStore.ts';
import { startTraining } from './openTraining.ts';
import type { PreparedRun } from './preparedRun.ts';
import { openRunFiles } from './runFiles.ts';
import { isFinishedRun, readCommand, readTrainingRecord } from './runRecord.ts';
import { applySearch, checkSharedStudy, searchSettings } from './search.ts';
import { expectTwinFits, loadSongs } from './songs.ts';
import { planTraining } from './training.ts';

const tracks = generateTwin({ rows: 120, seed: 5 });
const quick: GivenConfig = {
  models: ['linear', 'mamba-tokens'],
  epochs: 1,
  dModel: 4,
  layers: 1,
  deterministic: true,
  intervalFolds: 2,
  explain: 12,
  tune: 0,
  tuneFolds: 2,
};

let host: MemoryHost;
let events: PipelineEvent[];
let environment: Environment;
beforeEach(() => {
  host = createMemoryHost({ songs: tracks });
  events = [];
  environment = { host, signal: new AbortController().signal, onEvent: (event) => events.push(event) };
});

function prepare(given: GivenConfig = {}, out = 'run'): Promise<PreparedRun> {
  const plan = planTraining('train', { ...quick, ...given }, () => null, host);
  return startTraining({ ...plan, data: 'songs', out }, environment);
}
const storeOf = (out = 'run') => host.stores.get(out) as MemoryStore;

/** The run's models, fitted and kept, with what the stages after the fits are given. */
async function fit(prepared: PreparedRun) {
  const { songs, split, record, timings } = prepared;
  const store = openModelStore(prepared);
  const evaluated = await evaluateHoldout(
    songs.tracks,
    split,
    record.config.models.map((name) => createRegressor(name, record.settings, record.config.context)),
    {
      seed: 1,
      store,
      signal: environment.signal,
      checkpointSeconds: 60,
      threads: timings.threads,
      memoryBytes: Number.POSITIVE_INFINITY,
    },
  );
  return { store, evaluated, options: { settings: record.settings, store, parts: openParts(), environment } };
}

describe('songs', () => {
  test('are the twin where none are named, as many as there is memory for', async () => {
    const { tracks: twin } = await loadSongs(null, { strict: false, rows: 30 }, environment);
    expect([twin.count, twin.source.synthetic]).toEqual([30, true]);
    expect(() => expectTwinFits(31, 30)).toThrow('--rows: must be at most 30, as each song takes 1300 bytes, got 31');
    expect(() => expectTwinFits(30, 30)).not.toThrow();
  });
});

describe('a run’s record', () => {
  test('says whose it is and whether it has ended', async () => {
    const { files } = await prepare();
    expect(readCommand(files)).toBe('train');
    expect(isFinishedRun(files, 'metrics.json')).toBe(false);
    files.writeJson('metrics.json', { data: {} });
    expect(isFinishedRun(files, 'metrics.json')).toBe(true);
    files.write('metrics.json', '[]');
    expect(() => isFinishedRun(files, 'metrics.json')).toThrow('metrics.json: must be an object');
  });

  test.each([
    ['"epochs": 1', '"epochs": 0', 'run/config.json config.epochs: must be at least 1, got 0'],
    ['"command": "train"', '"command": "dance"', 'run/config.json command: must be one of'],
    ['"tuneFolds": 2', '"tuneFolds": 2, "shoes": 2', 'has no "shoes"'],
  ])('that was edited is refused by its field: %s → %s', async (from, to, message) => {
    await prepare();
    const store = storeOf();
    const text = store.readText('config.json');
    expect(text).toContain(from);
    store.write('config.json', text.replace(from, to));
    expect(() => readTrainingRecord(openRunFiles(store))).toThrow(message);
  });
});

describe('the store of models', () => {
  test('keeps a model with its result, loads it, and refuses another’s', async () => {
    const prepared = await prepare();
    const { store, evaluated } = await fit(prepared);
    const [linear] = evaluated;
    const loaded = store.load('linear');
    expect(loaded?.fitted.predict(tracks, prepared.split.test)).toEqual(
      Float64Array.from(prepared.split.test, (row) => linear.predicted[row]),
    );
    expect(loaded?.result).toEqual({ ...linear.result, seconds: expect.any(Number) });
    expect(store.load('forest')).toBeNull();
    const saved = prepared.files.readModel('models/linear.safetensors');
    if (!saved) throw new Error('the model is not there');
    expect(() => readResult(saved, 'ridge')).toThrow('must be "ridge"');
    expect(modelFile('mamba-tokens', prepared.record.config)).toBe('model.safetensors');
  });

  test('has nothing to load of a model that was interrupted before it was measured', async () => {
    const prepared = await prepare();
    const { store, evaluated } = await fit(prepared);
    prepared.files.writeModel('models/linear.safetensors', evaluated[0].fitted.save());
    expect(store.load('linear')).toBeNull();
  });
});

describe('intervals', () => {
  test('are kept with their models, and not made again', async () => {
    const prepared = await prepare();
    const { evaluated, options } = await fit(prepared);
    const made = await measureRunIntervals(prepared, evaluated, options);
    expect(made.map(({ name }) => name)).toEqual(['linear', 'mamba-tokens']);
    const saved = prepared.files.readModel('models/linear.safetensors');
    if (!saved) throw new Error('the model is not there');
    expect(readCalibration(saved, evaluated[0].fitted)).not.toBeNull();
    events.length = 0;
    expect(await measureRunIntervals(prepared, evaluated, options)).toEqual(made);
    expect(events).toEqual([]);
  });

  test('are none where none are asked for', async () => {
    const prepared = await prepare({ intervalFolds: 0 });
    const { evaluated, options } = await fit(prepared);
    expect(await measureRunIntervals(prepared, evaluated, options)).toEqual([]);
    expect(prepared.files.has('intervals.json')).toBe(false);
  });
});

describe('insight', () => {
  test('is kept with what was left out of it, and not found again', async () => {
    const prepared = await prepare({ context: ['era'] });
    const { evaluated, options } = await fit(prepared);
    const found = await gainInsight(prepared, evaluated, options);
    // The twin has no release dates, so the era is the place in the file, which no changed song has.
    expect(found.explanation).toBeNull();
    const { omitted } = options.parts;
    expect(omitted.map(({ part }) => part)).toContain('explanation of mamba-tokens');
    const parts = openParts();
    expect(await gainInsight(prepared, evaluated, { ...options, parts })).toEqual(found);
    expect(parts.omitted).toEqual(omitted);
  });

  test('probabilities of hits need songs on both sides of the cut-off', async () => {
    const some = await predictHits(await prepare({ cutoff: 70 }));
    expect(some[0].predicted.every((p) => p > 0 && p < 1)).toBe(true);
    expect(await predictHits(await prepare({ cutoff: 0.5 }, 'low'))).toEqual([]);
    expect(await predictHits(await prepare({ cutoff: 100 }, 'high'))).toEqual([]);
  });
});

describe('a search', () => {
  test('gives its settings to the model it is for, and is not done again', async () => {
    const prepared = await prepare({ tune: 3 });
    const search = await searchSettings(prepared, environment);
    if (!search) throw new Error('there was none');
    const settings = applySearch(prepared.record.settings, search);
    expect(settings['mamba-tokens']).toEqual(search.result.settings);
    expect(settings['mamba-seed']).toBe(prepared.record.settings['mamba-seed']);
    const { trials, baseTrial } = await search.readTrials();
    expect([trials.length, baseTrial]).toEqual([3, 0]);
    events.length = 0;
    const again = await searchSettings(prepared, environment);
    expect(again?.result).toEqual(search.result);
    expect(events).toEqual([]);
    // From the storage this time, as the process that ran them may have ended.
    expect((await again?.readTrials())?.trials).toEqual(trials);
  });

  test('is none without trials or without its model', async () => {
    expect(await searchSettings(await prepare(), environment)).toBeNull();
    expect(applySearch({ 'mamba-tokens': 1 } as never, null)).toEqual({ 'mamba-tokens': 1 });
  });

  test('goes on with a shared study of the same songs, and refuses one of others', async () => {
    const given = { tune: 2, tuneStorage: 'shared' };
    const first = await prepare(given, 'first');
    await searchSettings(first, environment);
    const { record, songs, split } = first;
    const parts = { tracks: songs.tracks, split };
    await expect(checkSharedStudy('shared', record, parts, environment)).resolves.toBeUndefined();
    const other = { ...record, config: { ...record.config, tuneFolds: 3 } };
    await expect(checkSharedStudy('shared', other, parts, environment)).rejects.toThrow('begun with another');
    await expect(checkSharedStudy(null, other, parts, environment)).resolves.toBeUndefined();
  });
});
