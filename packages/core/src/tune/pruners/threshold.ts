import { ConfigError } from '../../errors.ts';
import type { Pruner } from '../pruner.ts';
import { goOn, stop } from '../pruner.ts';
import { type CheckedSteps, findCheckedStep } from './steps.ts';

export interface ThresholdSettings extends CheckedSteps {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Prunes a trial that reports a value below `lower`, above `upper`, or none. Source: Optuna 5, ThresholdPruner.
 *
 * Throws: ConfigError.
 */
export function createThresholdPruner(settings: Partial<ThresholdSettings>): Pruner {
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = settings;
  const { warmupSteps = 0, intervalSteps = 1 } = settings;
  if (!(lower <= upper)) throw new ConfigError('threshold', `lower must be at most upper, got ${lower} and ${upper}`);
  return {
    decide: (_, trial) => {
      const step = findCheckedStep(trial, { warmupSteps, intervalSteps });
      if (step === null) return goOn;
      const value = trial.intermediate.get(step) as number;
      return value >= lower && value <= upper ? goOn : stop;
    },
  };
}
