import { writeSync } from 'node:fs';
import type { Distribution, Sampler } from '@hitscan/core/tune';
import { createMedianPruner, openStudy, TrialEndedError } from '@hitscan/core/tune';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { openSqlite } from '../packages/hitscan/src/storages/sqlite.ts';
import { identifyProcess } from '../packages/hitscan/src/workers/processes.ts';

// A program to be killed: it runs trials of the study "torture" in a file for ever, and writes to stdout which trials it has
// stored. Arguments: the file, and after how many milliseconds a lock counts as abandoned.
const [path, graceMs] = process.argv.slice(2);

const sampler: Sampler = {
  inferJointSpace: () => new Map(),
  drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
  drawAlone: () => Math.random(),
};
const unit: Distribution = { kind: 'float', low: 0, high: 1, log: false, step: null };

const storage = path.endsWith('.db') ? await openSqlite(path) : openJournal(path, { lockGraceMs: Number(graceMs) });
const study = await openStudy({
  storage,
  name: 'torture',
  sampler,
  pruner: createMedianPruner(),
  processes: identifyProcess(),
});
for (;;) {
  const left = await study.takeUp();
  if (!left) break;
  try {
    await study.tell(left, { state: 'fail', reason: 'its process was killed' });
  } catch (error) {
    // Another worker has taken it up too, and told first.
    if (!(error instanceof TrialEndedError)) throw error;
  }
}
writeSync(1, 'ready\n');
for (;;) {
  const trial = await study.ask();
  const value = Number(await trial.suggest('x', unit)) + Number(await trial.suggest('y', unit));
  let pruned = false;
  for (let step = 0; step < 4 && !pruned; step++) {
    await trial.report(value + 1 / (step + 1), step);
    pruned = await trial.shouldPrune();
  }
  const told = await study.tell(trial, pruned ? { state: 'pruned' } : { state: 'complete', values: [value] });
  writeSync(1, `${JSON.stringify([told.number, told.state, told.values?.[0]])}\n`);
}
