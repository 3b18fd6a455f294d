import { writeSync } from 'node:fs';
import type { Distribution, Sampler } from '@hitscan/core/tune';
import { createMedianPruner, openStudy } from '@hitscan/core/tune';
import { openJournal } from '../packages/hitscan/src/storages/journal.ts';
import { openSqlite } from '../packages/hitscan/src/storages/sqlite.ts';
import { identifyProcess } from '../packages/hitscan/src/workers/processes.ts';

// A program that is to be killed: it runs trials of the study "torture" in a file for ever, and says on stdout which of
// them it has told about. Arguments: the file, and after how many milliseconds a lock counts as left behind.
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
await study.failAbandoned();
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
