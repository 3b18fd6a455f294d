import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { soleProcess } from '../processes.ts';
import type { Pruner } from '../pruner.ts';
import type { RunningTrial } from '../runningTrial.ts';
import type { Sampler } from '../sampler.ts';
import { createMemoryStorage } from '../storages/memory.ts';
import { createStudy } from '../study.ts';
import type { Direction, StudyView } from '../trial.ts';
import { createHyperbandPruner } from './hyperband.ts';
import { createPatiencePruner } from './patience.ts';
import { createMedianPruner, createPercentilePruner } from './percentile.ts';
import { testSignedRanks } from './signedRank.ts';
import { createHalvingPruner } from './successiveHalving.ts';
import { createThresholdPruner } from './threshold.ts';
import { createWilcoxonPruner } from './wilcoxon.ts';

type Event =
  | ['report', trial: number, step: number, value: number | null, prune: 0 | 1]
  | ['end', trial: number, state: 'complete' | 'pruned', value: number | null];

interface Case {
  readonly pruner: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly study: string;
  readonly direction: Direction;
  readonly events: readonly Event[];
  readonly brackets?: readonly number[];
}

const golden: { cases: Case[]; tests: { differences: number[]; p: number }[] } = JSON.parse(
  readFileSync(new URL('golden/optunaPruners.json', import.meta.url), 'utf8'),
);

const pruners: Record<string, (settings: Readonly<Record<string, number>>) => Pruner> = {
  median: createMedianPruner,
  percentile: ({ percentile, ...settings }) => createPercentilePruner(percentile, settings),
  successiveHalving: createHalvingPruner,
  hyperband: createHyperbandPruner,
  wilcoxon: createWilcoxonPruner,
  threshold: createThresholdPruner,
  patience: ({ patience, minDelta }) => createPatiencePruner(null, { patience, minDelta }),
  'patience of median': ({ patience, minDelta }) => createPatiencePruner(createMedianPruner(), { patience, minDelta }),
};

/** For trials without parameters. */
const noSampler: Sampler = {
  inferJointSpace: () => new Map(),
  drawJointly: () => ({ values: new Map(), systemAttributes: {} }),
  drawAlone: () => 0,
};

describe('pruners decide as Optuna', () => {
  test.each(golden.cases)(
    '$pruner $settings',
    async ({ pruner: name, settings, study: studyName, direction, ...rest }) => {
      const pruner = pruners[name](settings);
      const options = {
        storage: createMemoryStorage(),
        name: studyName,
        sampler: noSampler,
        pruner,
        processes: soleProcess,
      };
      const study = await createStudy(options, [direction]);
      const trials: RunningTrial[] = [];
      const decisions: unknown[] = [];
      for (const event of rest.events) {
        while (trials.length <= event[1]) trials.push(await study.ask());
        const trial = trials[event[1]];
        if (event[0] === 'report') {
          await trial.report(event[3] ?? Number.NaN, event[2]);
          decisions.push([...event.slice(0, 4), Number(await trial.shouldPrune())]);
        } else {
          const [, , state, value] = event;
          const told = await study.tell(trial, state === 'pruned' ? { state } : { state, values: [value as number] });
          decisions.push(['end', trial.number, told.state, told.values?.[0] ?? null]);
        }
      }
      expect(decisions).toEqual(rest.events);
      if (!rest.brackets) return;
      const view: StudyView = { name: studyName, directions: [direction], trials: await study.readTrials() };
      for (const trial of view.trials) {
        const peers = rest.brackets.flatMap((bracket, number) =>
          bracket === rest.brackets?.[trial.number] ? [number] : [],
        );
        expect(pruner.selectPeers?.(view, trial).trials.map(({ number }) => number)).toEqual(peers);
      }
    },
  );
});

test('the signed-rank test gives the probabilities of SciPy', () => {
  for (const { differences, p } of golden.tests) {
    // Sums of up to a few thousand probabilities in another order; the error function's last digits.
    expect(Math.abs(testSignedRanks(differences) - p)).toBeLessThan(1e-12);
  }
});
