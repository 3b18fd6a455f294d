import type { Attributes, Sampler, Storage, TrialMessage, TrialReport, TrialThread } from '@hitscan/core/tune';
import { createMemoryStorage, createStudy, noPruner, processAttribute, runStudy } from '@hitscan/core/tune';
import { expect, test } from 'vitest';
import { identifyProcess } from './processes.ts';

const sampler: Sampler = {
  inferJointSpace: () => new Map(),
  drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
  drawAlone: () => 1,
};
const result = { meanError: 4, foldErrors: [4], seconds: 1, size: 1 };
const pace = { beatMs: 50, graceMs: 400, strangerGraceMs: 400, confirmMs: 100 };

async function makeRun(run: TrialThread['run']) {
  const storage = createMemoryStorage();
  const study = await createStudy(
    { storage, name: 'study', sampler, pruner: noPruner, processes: identifyProcess(), pace },
    ['minimize'],
  );
  const said: string[] = [];
  const options = {
    space: {},
    base: { depth: 3 },
    seed: 1,
    first: {},
    objectives: ['error' as const],
    trials: 2,
    timeoutSeconds: Number.POSITIVE_INFINITY,
    threads: [{ run, dispose: async () => {} }],
    attributes: {},
    signal: new AbortController().signal,
    notify: (line: string) => said.push(line),
  };
  return { storage, study, said, options };
}

/** What another process does that has seen no sign of life from this one. */
async function endTrial(storage: Storage, number: number): Promise<void> {
  const [{ id: studyId }] = await storage.listStudies();
  const trial = (await storage.readTrials(studyId)).find((trial) => trial.number === number);
  await storage.setState(trial?.id as number, 'fail');
}

test.each([
  ['before it reports', true],
  ['before it is told', false],
])('a trial that another process ends %s costs nothing but itself', async (_, reports) => {
  let runs = 0;
  const goesOn: boolean[] = [];
  const { storage, study, said, options } = await makeRun(async (_task, onReport) => {
    if (runs++ === 0) await endTrial(storage, 0);
    const report: TrialReport = { step: 0, error: 4 };
    if (reports) goesOn.push(await onReport(report));
    return (goesOn.at(-1) === false ? { kind: 'pruned' } : { kind: 'done', result }) satisfies TrialMessage;
  });
  const trials = await runStudy(study, options);
  expect(trials.map(({ state }) => state)).toEqual(['fail', 'complete', 'complete']);
  expect(goesOn).toEqual(reports ? [false, true, true] : []);
  expect(said).toEqual([
    'Trial 0 was failed by another process, which had seen no sign of life from this one; continuing with another trial.',
  ]);
});

test("a dead machine's trial is run again under another number, and none is left running", async () => {
  const { storage, study, said, options } = await makeRun(async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    return { kind: 'done', result };
  });
  const [{ id: studyId }] = await storage.listStudies();
  const systemAttributes = { [processAttribute]: { ...(identifyProcess().own as Attributes), machine: 'elsewhere' } };
  await storage.createTrial(studyId, { state: 'running', started: new Date(0), systemAttributes });
  const trials = await runStudy(study, { ...options, trials: 3 });
  expect(trials.map(({ state }) => state)).toEqual(['fail', 'complete', 'complete', 'complete']);
  expect(trials.filter(({ systemAttributes }) => systemAttributes.failed_trial === 0)).toHaveLength(1);
  expect(said).toEqual(['Trial 0 has failed: the process that ran it has shown no sign of life.']);
});

test("a dead machine's trial is failed at the end where there is nothing more to run", async () => {
  const { storage, study, said, options } = await makeRun(async () => ({ kind: 'done', result }));
  const [{ id: studyId }] = await storage.listStudies();
  const systemAttributes = { [processAttribute]: { ...(identifyProcess().own as Attributes), machine: 'elsewhere' } };
  await storage.createTrial(studyId, { state: 'running', started: new Date(0), systemAttributes });
  const trials = await runStudy(study, { ...options, trials: 0 });
  expect(trials.map(({ state }) => state)).toEqual(['fail']);
  expect(said).toHaveLength(1);
});
