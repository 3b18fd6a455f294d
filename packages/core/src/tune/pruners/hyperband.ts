import { ConfigError } from '../../errors.ts';
import type { PruneDecision, Pruner } from '../pruner.ts';
import { goOn } from '../pruner.ts';
import type { StudyView, Trial } from '../trial.ts';
import { crc32 } from './crc32.ts';
import { markLength, measureLength, recallLength } from './steps.ts';
import { createHalvingPruner } from './successiveHalving.ts';

export interface HyperbandSettings {
  readonly minResource: number;
  /** Steps of a whole trial; `auto`: those of the longest complete one, until which nothing is pruned. */
  readonly maxResource: number | 'auto';
  readonly reductionFactor: number;
  readonly bootstrapCount: number;
}

const hyperbandDefaults: HyperbandSettings = {
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

  const makeBrackets = (longest: number): Bracket[] => {
    const count = Math.floor(Math.log(longest / minResource) / Math.log(reductionFactor)) + 1;
    return Array.from({ length: count }, (_, bracket) => ({
      pruner: createHalvingPruner({ minResource, reductionFactor, minEarlyStoppingRate: bracket, bootstrapCount }),
      budget: Math.ceil((count * reductionFactor ** (count - 1 - bracket)) / (count - bracket)),
    }));
  };

  const decideInBracket = (study: StudyView, trial: Trial, longest: number): PruneDecision => {
    const brackets = makeBrackets(longest);
    const { pruner } = brackets[findBracket(brackets, study.name, trial)];
    return pruner.decide(listPeers(brackets, study, trial), trial);
  };

  return {
    // Until the first decision that can be made all trials are peers, as in Optuna.
    selectPeers: (study, trial) => {
      const longest = recallLength(study.trials);
      return longest === null ? study : listPeers(makeBrackets(longest), study, trial);
    },
    decide: (study, trial) => {
      const known = recallLength(study.trials);
      if (known !== null) return decideInBracket(study, trial, known);
      const longest = maxResource === 'auto' ? measureLength(study.trials) : maxResource;
      if (longest === null) return goOn;
      const { prune, systemAttributes } = decideInBracket(study, trial, longest);
      return { prune, systemAttributes: { ...systemAttributes, ...markLength(longest) } };
    },
  };
}

function findBracket(brackets: readonly Bracket[], studyName: string, { number }: Trial): number {
  const total = brackets.reduce((sum, { budget }) => sum + budget, 0);
  let rest = crc32(`${studyName}_${number}`) % total;
  return brackets.findIndex(({ budget }) => {
    rest -= budget;
    return rest < 0;
  });
}

/** The study's trials in the same bracket. */
function listPeers(brackets: readonly Bracket[], study: StudyView, trial: Trial): StudyView {
  const bracket = findBracket(brackets, study.name, trial);
  return { ...study, trials: study.trials.filter((other) => findBracket(brackets, study.name, other) === bracket) };
}
