import { expect, test } from 'vitest';
import { presetSettings } from '../models/mambaSettings.ts';
import { cutFolds } from '../tracks/folds.ts';
import { generateTwin } from '../tracks/twin.ts';
import { chooseSampler } from './chooseSampler.ts';
import { soleProcess } from './processes.ts';
import { noPruner } from './pruner.ts';
import { quickSpace } from './searchSpace.ts';
import { createMemoryStorage } from './storages/memory.ts';
import { createStudy } from './study.ts';
import type { Trial } from './trial.ts';
import type { TrialThread } from './trialRunner.ts';
import { findBaseTrial, tuneModel } from './tuneModel.ts';

/** A thread whose trials are over at once: what is tested is which settings they are given. */
const thread: TrialThread = {
  run: async ({ settings }) => {
    const error = Number(settings.learningRate);
    return { kind: 'done', result: { meanError: error, foldErrors: [error], seconds: 1, size: 1 } };
  },
  dispose: async () => {},
};

test.each([['new'], ['killed before its first trial']])(
  'the first trial of a study has the base: %s',
  async (history) => {
    const tracks = generateTwin({ rows: 60, seed: 1 });
    const rows = Uint32Array.from({ length: 60 }, (_, row) => row);
    const base = presetSettings('tokens', true);
    const { sampler } = chooseSampler('random', { seed: 1, space: quickSpace });
    const storage = createMemoryStorage();
    if (history !== 'new')
      await createStudy({ storage, name: 'study', sampler, pruner: noPruner, processes: soleProcess }, ['minimize']);
    const data = {
      tracks,
      folds: cutFolds(tracks, rows, { kind: 'random', folds: 2, seed: 1 }),
      model: 'mamba-tokens',
      context: [],
      steps: 'epochs',
    } as const;
    const options = {
      data,
      space: quickSpace,
      base,
      seed: 1,
      objectives: ['error'],
      timeoutSeconds: 60,
      storage,
      study: 'study',
      sampler,
      pruner: noPruner,
      threads: [thread, thread],
      processes: soleProcess,
      signal: new AbortController().signal,
    } as const;
    const { trials } = await tuneModel({ ...options, trials: 3 });
    expect(trials).toHaveLength(3);
    expect(trials[0].userAttributes.settings).toEqual(base);
    expect(trials[1].userAttributes.settings).not.toEqual(base);
    // Gone on with, on the same data alone.
    expect((await tuneModel({ ...options, trials: 4 })).trials).toHaveLength(4);
    const other = { ...data, folds: data.folds.slice(1) };
    await expect(tuneModel({ ...options, data: other, trials: 5 })).rejects.toThrow('begun with another split');
    // Another base in the same space is tried as well, and what is found is held against it.
    const dropped = { ...base, dropout: 0.4 };
    const joined = await tuneModel({ ...options, base: dropped, trials: 5 });
    expect(joined.trials[4].userAttributes.settings).toEqual(dropped);
    expect(findBaseTrial(joined.trials, dropped)?.number).toBe(4);
    expect(findBaseTrial(joined.trials, base)?.number).toBe(0);
    expect(findBaseTrial(joined.trials, { ...base, dropout: 0.2 })).toBeNull();
  },
);

test('a study names maskShare hidden, as 0.1.0 did, and nothing else does', async () => {
  const tracks = generateTwin({ rows: 60, seed: 1 });
  const rows = Uint32Array.from({ length: 60 }, (_, row) => row);
  const storage = createMemoryStorage();
  const base = presetSettings('tokens', true);
  const seen: string[] = [];
  const options = {
    data: {
      tracks,
      folds: cutFolds(tracks, rows, { kind: 'random', folds: 2, seed: 1 }),
      model: 'mamba-tokens',
      context: [],
      steps: 'epochs',
    },
    space: quickSpace,
    base,
    seed: 1,
    objectives: ['error'],
    timeoutSeconds: 60,
    storage,
    study: 'study',
    sampler: chooseSampler('tpe', { seed: 1, space: quickSpace }).sampler,
    pruner: noPruner,
    threads: [thread],
    processes: soleProcess,
    signal: new AbortController().signal,
    onTrial: ({ parameters }: Trial) => seen.push(...parameters.keys()),
  } as const;
  const { trials, best, settings } = await tuneModel({ ...options, trials: 3 });
  expect(Object.keys(settings).sort()).toEqual(Object.keys(base).sort());
  for (const trial of [...trials, best]) {
    expect([...(trial?.parameters.keys() ?? [])]).toEqual(Object.keys(quickSpace));
    expect(Object.keys(trial?.userAttributes.settings as object)).toEqual(Object.keys(base));
  }
  expect(new Set(seen)).toEqual(new Set(Object.keys(quickSpace)));

  const [{ id, userAttributes }] = await storage.listStudies();
  const stored = Object.keys(quickSpace).map((name) => (name === 'maskShare' ? 'hidden' : name));
  expect(Object.keys(userAttributes.space as object)).toEqual(stored);
  for (const { parameters, userAttributes } of await storage.readTrials(id)) {
    expect([...parameters.keys()]).toEqual(stored);
    expect(userAttributes.settings).toHaveProperty('hidden');
  }
  // Not searched any more, it is another study's fixed setting; people read the name that it has now.
  const { maskShare: _, ...space } = quickSpace;
  await expect(tuneModel({ ...options, space, trials: 4 })).rejects.toThrow(
    'begun with another space of maskShare (float 0 to 0.15 by 0.05, now not searched)',
  );
});
