import { crc32 } from 'node:zlib';
import { ConfigError } from '../../errors.ts';
import type { Pruner } from '../pruner.ts';
import type { StudyView, Trial } from '../trial.ts';
import { goOn } from './decisions.ts';
import { findLastStep } from './steps.ts';
import { createHalvingPruner } from './successiveHalving.ts';

export interface HyperbandSettings {
  readonly minResource: number;
  /** Steps of a whole trial; `auto`: those of the longest complete one, until which nothing is pruned. */
  readonly maxResource: number | 'auto';
  readonly reductionFactor: number;
  readonly bootstrapCount: number;
}

export const hyperbandDefaults: HyperbandSettings = {
  minResource: 1,
  maxResource: 'auto',
  reductionFactor: 3,
  bootstrapCount: 0,
};

interface Bracket {
  readonly pruner: Pruner;
  /** Its share of the trials, against the sum of all. */
  readonly budget: number;
}

/**
 * Several successive halvings side by side that begin to prune at different steps; a hash of its number puts a trial into
 * one of these brackets, and samplers learn from its bracket alone. Source: Li et al. 2018; Optuna 5, HyperbandPruner.
 *
 * Throws: ConfigError.
 */
export function createHyperbandPruner(settings: Partial<HyperbandSettings> = {}): Pruner {
  const { minResource, maxResource, reductionFactor, bootstrapCount } = { ...hyperbandDefaults, ...settings };
  if (bootstrapCount > 0 && maxResource === 'auto')
    throw new ConfigError('bootstrapCount', `must be 0 where maxResource is auto, got ${bootstrapCount}`);
  // Made at the first decision that can be made, as Optuna does; until then all trials are peers.
  let brackets: readonly Bracket[] = [];

  const makeBrackets = (longest: number): Bracket[] => {
    const count = Math.floor(Math.log(longest / minResource) / Math.log(reductionFactor)) + 1;
    return Array.from({ length: count }, (_, bracket) => ({
      pruner: createHalvingPruner({ minResource, reductionFactor, minEarlyStoppingRate: bracket, bootstrapCount }),
      budget: Math.ceil((count * reductionFactor ** (count - 1 - bracket)) / (count - bracket)),
    }));
  };

  const findBracket = (studyName: string, { number }: Trial): number => {
    const total = brackets.reduce((sum, { budget }) => sum + budget, 0);
    let rest = crc32(`${studyName}_${number}`) % total;
    return brackets.findIndex(({ budget }) => {
      rest -= budget;
      return rest < 0;
    });
  };

  const selectPeers = (study: StudyView, trial: Trial): StudyView => {
    if (brackets.length === 0) return study;
    const bracket = findBracket(study.name, trial);
    return { ...study, trials: study.trials.filter((other) => findBracket(study.name, other) === bracket) };
  };

  return {
    selectPeers,
    decide: (study, trial) => {
      if (brackets.length === 0) {
        const longest = maxResource === 'auto' ? findLongest(study.trials) : maxResource;
        if (longest === null) return goOn;
        brackets = makeBrackets(longest);
      }
      return brackets[findBracket(study.name, trial)].pruner.decide(selectPeers(study, trial), trial);
    },
  };
}

/** How many steps the longest complete trial had, counted from 0. */
function findLongest(trials: readonly Trial[]): number | null {
  const steps = trials
    .filter(({ state }) => state === 'complete')
    .map(findLastStep)
    .filter((step) => step !== null);
  return steps.length === 0 ? null : Math.max(...steps) + 1;
}
