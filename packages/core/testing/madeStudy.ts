import { type Choice, type Distribution, toInternal, toValue } from '../src/tune/distributions.ts';
import type { Storage } from '../src/tune/storage.ts';
import type { Json, Trial } from '../src/tune/trial.ts';

/** What tests of storages have in common: the study that scripts/golden/optunaStorage.py makes, made by ours. */
export const madeName = 'Größe';

const layers: Distribution = { kind: 'int', low: 2, high: 8, log: false, step: 2 };

/** Writes the study in the same operations as Optuna does. */
export async function writeMadeStudy(storage: Storage): Promise<number> {
  const { id: studyId } = await storage.createStudy(madeName, ['maximize']);
  await storage.setStudyAttribute(studyId, 'user', 'data', { rows: 1500, share: 0.25 });
  await storage.setStudyAttribute(studyId, 'system', 'empty', []);
  const enqueue = (given: Json, userAttributes = {}) =>
    storage.createTrial(studyId, { state: 'waiting', userAttributes, systemAttributes: { fixed_params: given } });
  const set = (trialId: number, name: string, distribution: Distribution, value: Choice) =>
    storage.setParameter(trialId, name, distribution, toInternal(distribution, value));

  const first = await enqueue({ rate: 0.5, kind: 'b' }, { note: 'said "ß"\n' });
  await storage.setState(first, 'running');
  await set(first, 'rate', { kind: 'float', low: 0.001, high: 1, log: true, step: null }, 0.5);
  await set(first, 'kind', { kind: 'categorical', choices: ['a', 'b', null, true, 3, 0.5] }, 'b');
  await storage.setIntermediate(first, 0, Number.NaN);
  await storage.setIntermediate(first, 1, Number.POSITIVE_INFINITY);
  await storage.setIntermediate(first, 2, 2);
  await storage.setState(first, 'pruned', [2]);

  const second = await enqueue({ rate: 0.25, layers: 8, share: 0.75 });
  await storage.setState(second, 'running');
  await set(second, 'rate', { kind: 'float', low: 0.01, high: 1, log: true, step: null }, 0.25);
  await set(second, 'layers', layers, 8);
  await set(second, 'share', { kind: 'float', low: 0, high: 1, log: false, step: 0.25 }, 0.75);
  await storage.setState(second, 'complete', [Number.NEGATIVE_INFINITY]);

  await storage.setState(await storage.createTrial(studyId), 'fail');
  await storage.createTrial(studyId, {
    state: 'complete',
    values: [3],
    parameters: new Map([['layers', { distribution: layers, internal: 4 }]]),
    intermediate: new Map([[5, -1.5]]),
    userAttributes: { from: 'elsewhere' },
    started: new Date(0),
    ended: new Date(1000),
  });
  await storage.setTrialAttribute(await storage.createTrial(studyId), 'user', 'left', 'running');
  await enqueue({});
  return studyId;
}

/** A trial as the script describes it, without what differs from one making to the next. */
export function summariseTrial(trial: Trial): Json {
  const mark = (value: number) =>
    Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf').toLowerCase();
  return {
    number: trial.number,
    state: trial.state,
    values: trial.values?.map(mark) ?? null,
    parameters: Object.fromEntries(
      [...trial.parameters].map(([name, { distribution, internal }]) => [name, toValue(distribution, internal)]),
    ),
    intermediate: [...trial.intermediate].map(([step, value]) => [step, mark(value)]),
    userAttributes: trial.userAttributes,
    systemAttributes: trial.systemAttributes,
  };
}
