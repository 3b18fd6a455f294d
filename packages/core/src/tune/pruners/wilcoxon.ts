import { ConfigError } from '../../errors.ts';
import type { Pruner } from '../pruner.ts';
import { goOn, stop } from '../pruner.ts';
import type { StudyView, Trial } from '../trial.ts';
import { testSignedRanks } from './signedRank.ts';

export interface WilcoxonSettings {
  /** A trial is pruned where one that is as good as the best would look as bad with a probability below this. */
  readonly pThreshold: number;
  /** Steps in common with the best trial before which none is pruned; two are needed in any case. */
  readonly startupSteps: number;
}

const wilcoxonDefaults: WilcoxonSettings = { pThreshold: 0.1, startupSteps: 2 };

/**
 * Prunes a trial whose reports are worse than the best trial's at the same steps by a signed-rank test: for values that
 * belong together step by step, as the folds of a cross-validation. A trial whose mean is not worse than the best one's is
 * kept. Source: Optuna 5, WilcoxonPruner.
 *
 * Throws: ConfigError.
 */
export function createWilcoxonPruner(settings: Partial<WilcoxonSettings> = {}): Pruner {
  const { pThreshold, startupSteps } = { ...wilcoxonDefaults, ...settings };
  if (!(pThreshold >= 0 && pThreshold <= 1))
    throw new ConfigError('pThreshold', `must be between 0 and 1, got ${pThreshold}`);
  return {
    decide: (study, trial) => {
      const best = findBestTrial(study);
      if (!best || !hasFiniteReports(trial) || !hasFiniteReports(best)) return goOn;
      const sign = study.directions[0] === 'maximize' ? -1 : 1;
      const differences: number[] = [];
      for (const [step, value] of trial.intermediate) {
        const other = best.intermediate.get(step);
        if (other !== undefined) differences.push(sign * (value - other));
      }
      if (differences.length < Math.max(2, startupSteps)) return goOn;
      if (sign * average(best) >= sign * average(trial)) return goOn;
      return testSignedRanks(differences) < pThreshold ? stop : goOn;
    },
  };
}

/** The complete trial with the best value, the first of equals. */
function findBestTrial({ trials, directions }: StudyView): Trial | null {
  const sign = directions[0] === 'maximize' ? -1 : 1;
  let best: Trial | null = null;
  for (const trial of trials) {
    if (trial.state !== 'complete' || !trial.values) continue;
    if (!best?.values || sign * trial.values[0] < sign * best.values[0]) best = trial;
  }
  return best;
}

function hasFiniteReports({ intermediate }: Trial): boolean {
  return intermediate.size > 0 && intermediate.values().every(Number.isFinite);
}

function average({ intermediate }: Trial): number {
  return intermediate.values().reduce((sum, value) => sum + value, 0) / intermediate.size;
}
