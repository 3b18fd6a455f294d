import type { Attributes, Distribution, Sampler, Storage } from '@hitscan/core/tune';
import {
  createHyperbandPruner,
  createMemoryStorage,
  createStudy,
  noPruner,
  openStudy,
  processAttribute,
} from '@hitscan/core/tune';
import { describe, expect, test } from 'vitest';
import { identifyProcess } from './processes.ts';

const unit: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };
const kinds: Distribution = { kind: 'categorical', choices: ['a', 'b'] };

/** Draws `x` jointly as 0.25 and everything else alone as 1; keeps what it was shown. */
function createRecordingSampler(): Sampler & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    inferJointSpace: () => new Map([['x', unit]]),
    drawJointly: ({ trials }) => {
      seen.push(`together: ${trials.map(({ number }) => number)}`);
      return { values: new Map([['x', 0.25]]), systemAttributes: { drawn: 'together' } };
    },
    drawAlone: (_, trial, name) => {
      seen.push(`${name} with ${[...trial.parameters.keys()]}`);
      return 1;
    },
  };
}

/** Adds a trial that waits with some of its parameters given, as Optuna's `enqueue_trial` does. */
function enqueue(
  storage: Storage,
  parameters: Readonly<Record<string, string | number>>,
  userAttributes: Attributes = {},
) {
  const systemAttributes = { fixed_params: parameters };
  return storage.createTrial(0, { state: 'waiting', userAttributes, systemAttributes });
}

async function createMadeStudy(directions: ('minimize' | 'maximize')[] = ['minimize']) {
  const options = {
    storage: createMemoryStorage(),
    name: 'study',
    sampler: createRecordingSampler(),
    pruner: noPruner,
    processes: identifyProcess(),
  };
  return { ...options, study: await createStudy(options, directions) };
}

describe('a parameter', () => {
  test('is drawn together with others, else alone, once', async () => {
    const { study, sampler } = await createMadeStudy();
    const trial = await study.ask();
    expect(sampler.seen).toEqual([]);
    expect(await trial.suggest('kind', kinds)).toBe('b');
    expect(await trial.suggest('x', unit)).toBe(0.25);
    expect(await trial.suggest('x', unit)).toBe(0.25);
    expect(sampler.seen).toEqual(['together: 0', 'kind with ']);
    const [{ parameters, systemAttributes }] = await study.readTrials();
    expect(parameters.get('kind')).toEqual({ distribution: kinds, internal: 1 });
    expect(systemAttributes.drawn).toBe('together');
    await expect(trial.suggest('x', kinds)).rejects.toThrow('parameter x: must remain float');
  });

  test('is drawn alone where the joint draw left its range', async () => {
    const { study } = await createMadeStudy();
    expect(await (await study.ask()).suggest('x', { ...unit, low: 0.5 })).toBe(1);
  });

  test('that leaves no choice is not drawn', async () => {
    const { study, sampler } = await createMadeStudy();
    const trial = await study.ask();
    expect(await trial.suggest('only', { kind: 'categorical', choices: [null] })).toBeNull();
    expect(await trial.suggest('fixed', { kind: 'int', low: 3, high: 4, log: false, step: 2 })).toBe(3);
    expect(sampler.seen).toEqual([]);
  });

  test('that was given when the trial was enqueued has that value', async () => {
    const { study, storage } = await createMadeStudy();
    await enqueue(storage, { kind: 'a', x: 0.75 }, { from: 'seed' });
    await enqueue(storage, { kind: 'c' });
    const trial = await study.ask();
    expect(trial.number).toBe(0);
    expect([await trial.suggest('kind', kinds), await trial.suggest('x', unit)]).toEqual(['a', 0.75]);
    const second = await study.ask();
    await expect(second.suggest('kind', kinds)).rejects.toThrow('must be one of ["a","b"], got "c"');
    expect((await study.ask()).number).toBe(2);
    const [first] = await study.readTrials();
    expect(first.userAttributes).toEqual({ from: 'seed' });
    expect(first.systemAttributes[processAttribute]).toEqual({ ...(identifyProcess().own as Attributes) });
  });
});

test('a trial that is asked for with parameters is a new one, and has them', async () => {
  const { study, storage } = await createMadeStudy();
  await enqueue(storage, { kind: 'b' });
  const trial = await study.ask({ kind: 'a', x: 0.5 });
  expect(trial.number).toBe(1);
  expect([await trial.suggest('kind', kinds), await trial.suggest('x', unit)]).toEqual(['a', 0.5]);
  expect((await study.ask()).number).toBe(0);
});

describe('telling', () => {
  test('keeps values, or the reason that there are none', async () => {
    const { study } = await createMadeStudy();
    const complete = await study.tell(await study.ask(), { state: 'complete', values: [1] });
    expect(complete).toMatchObject({ state: 'complete', values: [1] });
    const failed = await study.tell(await study.ask(), { state: 'fail', reason: 'out of memory' });
    expect(failed).toMatchObject({ state: 'fail', values: null, systemAttributes: { fail_reason: 'out of memory' } });
    const none = await study.tell(await study.ask(), { state: 'complete', values: [Number.NaN] });
    expect(none).toMatchObject({ state: 'fail', values: null });
    expect(none.systemAttributes.fail_reason).toBe('The value NaN is not acceptable');
    const trial = await study.ask();
    await expect(study.tell(trial, { state: 'complete', values: [1, 2] })).rejects.toThrow('must have 1 values, got 2');
    await study.tell(trial, { state: 'complete', values: [2] });
    await expect(study.tell(trial, { state: 'pruned' })).rejects.toThrow(
      'trial 3: must be running to be given a result, is complete',
    );
  });

  test('gives a pruned trial the report at its highest step', async () => {
    const { study } = await createMadeStudy();
    const trial = await study.ask();
    await trial.report(3, 5);
    await trial.report(2, 1);
    // The first report of a step counts.
    await trial.report(9, 5);
    expect(await study.tell(trial, { state: 'pruned' })).toMatchObject({ state: 'pruned', values: [3] });
    const silent = await study.tell(await study.ask(), { state: 'pruned' });
    expect(silent.values).toBeNull();
    const lost = await study.ask();
    await lost.report(1, 0);
    await lost.report(Number.NaN, 1);
    expect((await study.tell(lost, { state: 'pruned' })).values).toBeNull();
  });
});

test('trials of several objectives cannot report', async () => {
  const { study } = await createMadeStudy(['minimize', 'maximize']);
  const trial = await study.ask();
  await expect(trial.report(1, 0)).rejects.toThrow('one objective, got 2');
  await expect(trial.shouldPrune()).rejects.toThrow('one objective, got 2');
  expect((await study.tell(trial, { state: 'complete', values: [1, 2] })).values).toEqual([1, 2]);
});

test('a study is opened by its name', async () => {
  const { study, ...options } = await createMadeStudy(['maximize']);
  await study.setAttribute('data', 'songs.csv');
  await study.tell(await study.ask(), { state: 'complete', values: [1] });
  const again = await openStudy(options);
  expect(again.directions).toEqual(['maximize']);
  expect(again.userAttributes).toEqual({ data: 'songs.csv' });
  expect(await again.readTrials()).toEqual(await study.readTrials());
  await expect(openStudy({ ...options, name: 'other' })).rejects.toThrow('("study"), got "other"');
  await expect(createStudy(options, ['minimize'])).rejects.toThrow('must have a new name');
});

test('samplers see the peers that a pruner selects', async () => {
  const { storage, sampler } = await createMadeStudy();
  const pruner = createHyperbandPruner({ maxResource: 9 });
  const study = await createStudy({ storage, name: 'brackets', sampler, pruner, processes: identifyProcess() }, [
    'minimize',
  ]);
  const trials = [];
  for (let i = 0; i < 12; i++) trials.push(await study.ask());
  await trials[0].report(1, 0);
  await trials[0].shouldPrune();
  await trials[11].suggest('x', unit);
  const view = { name: 'brackets', directions: study.directions, trials: await study.readTrials() };
  const peers = pruner.selectPeers?.(view, view.trials[11]).trials.map(({ number }) => number) ?? [];
  expect(peers.length).toBeGreaterThan(1);
  expect(peers.length).toBeLessThan(12);
  expect(sampler.seen).toEqual([`together: ${peers}`]);
});

const here = { ...(identifyProcess().own as Attributes) };
// Beyond the largest process number that Linux gives.
const dead = { ...here, pid: 2 ** 22 + 1, started: '1' };

test.each([
  ['that ends its processes is taken up three times and then failed', false, 3],
  ['that its processes left is always taken up', true, 10],
])('a trial %s', async (_, leaves, expected) => {
  const { study, storage } = await createMadeStudy();
  await storage.createTrial(0, {
    state: 'running',
    started: new Date(),
    systemAttributes: { [processAttribute]: dead },
  });
  let times = 0;
  for (let trial = await study.takeUp(); trial && times < 10; trial = await study.takeUp()) {
    times++;
    if (leaves) await study.leave(trial);
    await storage.setTrialAttribute(trial.id, 'system', processAttribute, dead);
  }
  expect(times).toBe(expected);
  const [{ state, systemAttributes }] = await study.readTrials();
  expect(state).toBe(leaves ? 'running' : 'fail');
  if (!leaves) expect(systemAttributes.fail_reason).toBe('The trial was resumed 3 times and never finished');
});

describe('trials that nobody runs any more', () => {
  test.each([
    ['of a process that has ended', dead, true],
    ['of an earlier process with the same number', { ...here, started: '1' }, here.started !== null],
    ['from before the machine was restarted', { ...dead, boot: 'earlier' }, true],
    ['of this process', here, false],
    ['of another machine', { ...dead, machine: 'elsewhere' }, false],
    ['of another container', { ...dead, namespace: 'pid:[1]' }, false],
    ['of Optuna', undefined, false],
  ])('%s', async (_, worker, abandoned) => {
    const { study, storage } = await createMadeStudy();
    const systemAttributes = worker ? { [processAttribute]: worker, fixed_params: { x: 0.5 } } : {};
    await storage.createTrial(0, { state: 'running', started: new Date(), systemAttributes });
    const taken = await study.takeUp();
    expect(taken?.number ?? null).toBe(abandoned ? 0 : null);
    const [{ state }] = await study.readTrials();
    expect(state).toBe('running');
    if (taken) expect(await taken.suggest('x', unit)).toBe(0.5);
  });
});
