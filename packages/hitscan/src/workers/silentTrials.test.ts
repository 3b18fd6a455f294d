import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Attributes, Distribution, Pace, Sampler } from '@hitscan/core/tune';
import { createStudy, noPruner, openStudy, processAttribute, type Study, TrialEndedError } from '@hitscan/core/tune';
import { describe, expect, test } from 'vitest';
import { makeTestFolder } from '../../testing/testFolder.ts';
import { openStorage } from '../storages/openStorage.ts';
import { identifyProcess } from './processes.ts';

const folder = makeTestFolder('silent');

const unit: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };
const sampler: Sampler = {
  inferJointSpace: () => new Map(),
  drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
  drawAlone: () => 0.25,
};
/** SQLite's clock has whole seconds, so that of several beats in one the others see nothing. */
const paces: Readonly<Record<string, Pace>> = {
  log: { beatMs: 50, graceMs: 400, strangerGraceMs: 1e9, confirmMs: 100 },
  db: { beatMs: 200, graceMs: 2500, strangerGraceMs: 600_000, confirmMs: 1500 },
};
const patient = { interval: 20, timeout: 10_000 };
const elsewhere = { ...(identifyProcess().own as Attributes), machine: 'elsewhere' };
const never = new AbortController().signal;
let files = 0;

async function makeStudy(extension: string) {
  const path = join(folder, `${files++}.${extension}`);
  const pace = paces[extension];
  const storage = await openStorage(path);
  const study = await createStudy(
    { storage, name: 'study', sampler, pruner: noPruner, processes: identifyProcess(), pace },
    ['minimize'],
  );
  /** A trial of another machine that began an hour ago. */
  const beginElsewhere = async (attributes = {}): Promise<number> => {
    const systemAttributes = { [processAttribute]: elsewhere, ...attributes };
    const started = new Date(Date.now() - 3_600_000);
    return storage.createTrial(studyId, { state: 'running', started, systemAttributes });
  };
  const [{ id: studyId }] = await storage.listStudies();
  return { path, pace, storage, study, studyId, beginElsewhere };
}

const listStates = async (study: Study) => (await study.readTrials()).map(({ state }) => state);

describe.each(['log', 'db'])('in a file .%s, a trial of another machine', { timeout: 20_000 }, (extension) => {
  test('that died is failed, and its copy run under another number', async () => {
    const { storage, study, beginElsewhere } = await makeStudy(extension);
    const id = await beginElsewhere({ fixed_params: { y: 0.5 } });
    await storage.setParameter(id, 'x', unit, 0.75);
    await storage.setIntermediate(id, 0, 3);
    await storage.setTrialAttribute(id, 'user', 'from', 'elsewhere');
    expect(await study.silent.fail(true)).toEqual([]);
    await expect.poll(async () => (await study.silent.fail(true)).length, patient).toBe(1);
    expect(await listStates(study)).toEqual(['fail', 'waiting']);
    const copy = await study.ask();
    expect([await copy.suggest('x', unit), await copy.suggest('y', unit)]).toEqual([0.75, 0.5]);
    const [failed, running] = await study.readTrials();
    expect(failed.systemAttributes.fail_reason).toBe('Its process has shown no sign of life');
    expect(running).toMatchObject({ number: 1, intermediate: new Map(), userAttributes: { from: 'elsewhere' } });
    // As Optuna's own callback says it.
    expect(running.systemAttributes).toMatchObject({ failed_trial: 0, retry_history: [0], fixed_params: { y: 0.5 } });
    expect(running.systemAttributes[processAttribute]).toEqual({ ...(identifyProcess().own as Attributes) });
    await storage.close();
  });

  test('that comes back is refused to change anything', async () => {
    const { path, pace, storage, study } = await makeStudy(extension);
    const theirs = await openStorage(path);
    // It never beats, as if it had been stopped.
    const slow = await openStudy({
      storage: theirs,
      name: 'study',
      sampler,
      pruner: noPruner,
      processes: identifyProcess(),
      pace: { ...pace, beatMs: 1e9 },
    });
    const trial = await slow.ask();
    await trial.suggest('x', unit);
    await theirs.setTrialAttribute(trial.id, 'system', processAttribute, elsewhere);
    await expect.poll(async () => (await study.silent.fail(true)).length, patient).toBe(1);
    const before = await study.readTrials();
    await expect(trial.report(1, 0)).rejects.toThrow(TrialEndedError);
    await expect(slow.tell(trial, { state: 'complete', values: [1] })).rejects.toThrow(
      'trial 0: must be running to be given a result, is fail',
    );
    expect(await study.readTrials()).toEqual(before);
    // It goes on with another: the copy of what it had.
    const next = await slow.ask();
    expect(next.number).toBe(1);
    expect((await slow.tell(next, { state: 'complete', values: [1] })).state).toBe('complete');
    await Promise.all([storage.close(), theirs.close()]);
  });

  test('that beats is left alone, for any time', async () => {
    const { path, pace, storage, study, studyId } = await makeStudy(extension);
    const theirs = await openStorage(path);
    const alive = await openStudy({
      storage: theirs,
      name: 'study',
      sampler,
      pruner: noPruner,
      processes: identifyProcess(),
      pace,
    });
    const trial = await alive.ask();
    await theirs.setTrialAttribute(trial.id, 'system', processAttribute, elsewhere);
    const marks = new Set<string | undefined>();
    // In SQLite three marks are two seconds, and in a journal two beats.
    await expect
      .poll(async () => {
        expect(await study.silent.fail(true)).toEqual([]);
        return marks.add((await storage.readLifeSigns(studyId)).get(trial.id)?.mark).size;
      }, patient)
      .toBe(3);
    await alive.tell(trial, { state: 'complete', values: [1] });
    expect(await study.silent.settle(never)).toEqual([]);
    await Promise.all([storage.close(), theirs.close()]);
  });
});

test('at the end what is in doubt is waited for, failed and not tried again', async () => {
  const { study, storage, beginElsewhere } = await makeStudy('log');
  await beginElsewhere();
  expect((await study.silent.settle(never)).map(({ number }) => number)).toEqual([0]);
  expect(await listStates(study)).toEqual(['fail']);
  expect(await study.silent.settle(never)).toEqual([]);
  await beginElsewhere();
  // An interruption does not wait.
  expect(await study.silent.settle(AbortSignal.abort())).toEqual([]);
  expect(await listStates(study)).toEqual(['fail', 'running']);
  await storage.close();
});

test('a trial that has failed silently three times is not tried a fourth', async () => {
  const { study, storage, beginElsewhere } = await makeStudy('log');
  await beginElsewhere({ failed_trial: 4, retry_history: [4, 5, 6] });
  await beginElsewhere({ failed_trial: 8, retry_history: [8, 9] });
  await expect.poll(async () => (await study.silent.fail(true)).length, patient).toBe(2);
  const trials = await study.readTrials();
  expect(trials.map(({ state }) => state)).toEqual(['fail', 'fail', 'waiting']);
  expect(trials[2].systemAttributes).toMatchObject({ failed_trial: 8, retry_history: [8, 9, 1] });
  await storage.close();
});

test('a trial that two processes find silent is failed by one, and copied once', async () => {
  const { path, pace, study, storage, beginElsewhere } = await makeStudy('log');
  const theirs = await openStorage(path);
  const other = await openStudy({
    storage: theirs,
    name: 'study',
    sampler,
    pruner: noPruner,
    processes: identifyProcess(),
    pace,
  });
  await beginElsewhere();
  let failed = 0;
  await expect
    .poll(async () => {
      const both = await Promise.all([study.silent.fail(true), other.silent.fail(true)]);
      failed += both.flat().length;
      return failed;
    }, patient)
    .toBeGreaterThan(0);
  await Promise.all([study.silent.fail(true), other.silent.fail(true)]);
  expect(failed).toBe(1);
  expect(await listStates(study)).toEqual(['fail', 'waiting']);
  await Promise.all([storage.close(), theirs.close()]);
});

test.each([
  ['an hour ago', 3600, 'fail'],
  ['five minutes ago', 300, 'running'],
])("a trial of Optuna's in a database that last beat %s: %s s, %s", async (_, seconds, state) => {
  const { path, study, storage, studyId } = await makeStudy('db');
  await storage.createTrial(studyId, { state: 'running', started: new Date() });
  const database = new DatabaseSync(path);
  database.exec(`UPDATE trial_heartbeats SET heartbeat = datetime('now', '-${seconds} seconds')`);
  database.close();
  await study.silent.settle(never);
  expect(await listStates(study)).toEqual([state]);
  await storage.close();
});

test.each([
  ['of Optuna, which beats in no journal', undefined],
  ['of a living process of this machine', { ...(identifyProcess().own as Attributes) }],
])('a trial %s is left alone', async (_, worker) => {
  const { study, storage, studyId } = await makeStudy('log');
  const started = new Date(Date.now() - 3_600_000);
  const systemAttributes = worker ? { [processAttribute]: worker } : {};
  await storage.createTrial(studyId, { state: 'running', started, systemAttributes });
  expect(await study.silent.settle(never)).toEqual([]);
  expect(await listStates(study)).toEqual(['running']);
  await storage.close();
});
