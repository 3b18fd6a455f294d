import { DataError } from '@hitscan/core/errors';
import type { FitOutcome } from '@hitscan/core/evaluate';
import { makeContestant, maskValues, type OutcomeStore, planProtocol, runContest } from '@hitscan/core/evaluate';
import { featureNames, firstRows, generateTwin } from '@hitscan/core/tracks';
import { describe, expect, test } from 'vitest';
import { startFitThread } from './fitThread.ts';

const tracks = generateTwin({ rows: 240, seed: 4 });
const { parts } = planProtocol(tracks, { name: 'kfold', folds: 3, repeats: 1, seed: 1 });
const settings = { dModel: 8, layers: 1, epochs: 2 };
const contestants = [
  makeContestant('mean'),
  makeContestant('linear', { maskedShares: [0, 0.5] }),
  makeContestant('mamba-tokens', { settings }),
  makeContestant('mamba-tokens', { name: 'searched', settings, search: { trials: 2, folds: 2, kind: 'random' } }),
];
const data = { tracks, parts, contestants, seed: 1, deterministic: true };
const { signal } = new AbortController();

function keepInMemory(): OutcomeStore & { readonly kept: Map<string, FitOutcome> } {
  const kept = new Map<string, FitOutcome>();
  return {
    kept,
    refuse: (key, rule) => new DataError(key, rule),
    load: (key) => kept.get(key) ?? null,
    save: (key, outcome) => kept.set(key, outcome),
  };
}

const predictionsOf = (entries: Awaited<ReturnType<typeof runContest>>) =>
  entries.map(({ name, folds }) => [name, folds.map(({ predicted }) => [...predicted])]);

describe('a contest', () => {
  test('gives the same predictions for any number of jobs, and every fit is told of once', async () => {
    const told: number[] = [];
    const store = keepInMemory();
    const one = await runContest(data, {
      jobs: 1,
      startThread: startFitThread,
      store,
      signal,
      onProgress: ({ finished }) => told.push(finished),
    });
    expect(told.at(-1)).toBe(12);
    expect(store.kept.size).toBe(12);
    const three = await runContest(data, { jobs: 3, startThread: startFitThread, store: keepInMemory(), signal });
    expect(predictionsOf(three)).toEqual(predictionsOf(one));
    expect(one.map(({ name }) => name)).toEqual(['mean', 'linear', 'mamba-tokens', 'searched']);
    one[0].folds.forEach(({ rows, trainCount }, i) => {
      expect(rows).toEqual(parts[i].test);
      expect(trainCount + rows.length).toBe(firstRows(tracks).length);
    });
    const [nothing, half] = one[1].withHidden;
    expect(nothing.folds[0].predicted).toEqual(one[1].folds[0].predicted);
    expect(half.folds[0].predicted).not.toEqual(one[1].folds[0].predicted);
  });

  test('goes on where it was, without fitting again', async () => {
    const store = keepInMemory();
    const controller = new AbortController();
    const stopped = runContest(data, {
      jobs: 2,
      startThread: startFitThread,
      store,
      signal: controller.signal,
      onProgress: ({ finished }) => finished === 5 && controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const before = store.kept.size;
    expect(before).toBeGreaterThanOrEqual(5);
    let first = 0;
    const resumed = await runContest(data, {
      jobs: 2,
      startThread: startFitThread,
      store,
      signal,
      onProgress: ({ finished }) => {
        first ||= finished;
      },
    });
    expect(first).toBe(before);
    const whole = await runContest(data, { jobs: 2, startThread: startFitThread, store: keepInMemory(), signal });
    expect(predictionsOf(resumed)).toEqual(predictionsOf(whole));
  });

  test('fits again what was kept without the hidden values that are asked for', async () => {
    const store = keepInMemory();
    await runContest(
      { ...data, contestants: [makeContestant('linear')] },
      { jobs: 2, startThread: startFitThread, store, signal },
    );
    const contestants = [makeContestant('linear', { maskedShares: [0.5] })];
    const [{ withHidden }] = await runContest(
      { ...data, contestants },
      { jobs: 2, startThread: startFitThread, store, signal },
    );
    expect(withHidden[0].folds).toHaveLength(3);
    expect(withHidden[0].folds[0].predicted).toHaveLength(parts[0].test.length);
  });

  test('names the fit that fails, and why', async () => {
    const wild = makeContestant('mamba-tokens', {
      name: 'wild',
      settings: { ...settings, learningRate: 1, dModel: 4096 },
    });
    const layers = { ...wild, settings: { ...wild.settings, layers: 64 } };
    const failing = runContest(
      { ...data, contestants: [layers] },
      { jobs: 1, startThread: startFitThread, store: keepInMemory(), signal },
    );
    await expect(failing).rejects.toThrow('wild/0/0: must be trained, but: ConfigError: mamba-tokens: must fit in');
  });
});

test('hidden values: those of a smaller share are among those of a larger one', () => {
  const [few, many] = [0.2, 0.6].map((share) => maskValues(tracks, share, 7));
  for (const name of featureNames) {
    const [a, b] = [few, many].map(({ features }) => features[name].missing);
    expect(a.every((gone, i) => gone <= b[i])).toBe(true);
    // 240 draws: four standard deviations.
    expect(b.reduce((sum, gone) => sum + gone, 0) / tracks.count).toBeGreaterThan(0.6 - 0.13);
  }
});
