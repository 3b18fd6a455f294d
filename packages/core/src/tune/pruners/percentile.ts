import { nanPercentile } from '../../statistics/quantiles.ts';
import type { Pruner } from '../pruner.ts';
import { goOn, stop } from '../pruner.ts';
import type { Trial } from '../trial.ts';
import { type CheckedSteps, findCheckedStep } from './steps.ts';

export interface PercentileSettings extends CheckedSteps {
  /** Trials that must be complete before any is pruned. */
  readonly startupTrials: number;
  /** Complete trials that must have reported the step. */
  readonly minTrials: number;
}

const percentileDefaults: PercentileSettings = {
  startupTrials: 5,
  warmupSteps: 0,
  intervalSteps: 1,
  minTrials: 1,
};

/**
 * Prunes a trial whose best report so far is worse than the given percentile of what complete trials reported at its step.
 * `percentile`, 0 … 100: the share of the best trials to keep. Source: Optuna 5, PercentilePruner.
 */
export function createPercentilePruner(percentile: number, settings: Partial<PercentileSettings> = {}): Pruner {
  const { startupTrials, minTrials, ...steps } = { ...percentileDefaults, ...settings };
  return {
    decide: (study, trial) => {
      const complete = study.trials.filter(({ state }) => state === 'complete');
      if (complete.length === 0 || complete.length < startupTrials) return goOn;
      const step = findCheckedStep(trial, steps);
      if (step === null) return goOn;
      const sign = study.directions[0] === 'maximize' ? -1 : 1;
      const best = findBestReport([...trial.intermediate.values()], sign);
      if (Number.isNaN(best)) return stop;
      const reported = listReports(complete, step);
      if (reported.length < minTrials) return goOn;
      const limit = nanPercentile(reported, sign === 1 ? percentile : 100 - percentile);
      return sign * best > sign * limit ? stop : goOn;
    },
  };
}

/** Prunes a trial whose best report so far is worse than the median of complete trials at its step; Optuna's default. */
export function createMedianPruner(settings: Partial<PercentileSettings> = {}): Pruner {
  return createPercentilePruner(50, settings);
}

/** Of the values that are numbers, the one that is smallest when multiplied by `sign`; NaN where there is none. */
export function findBestReport(values: readonly number[], sign: number): number {
  let best = Number.NaN;
  for (const value of values) if (!(sign * value >= sign * best) && !Number.isNaN(value)) best = value;
  return best;
}

function listReports(trials: readonly Trial[], step: number): number[] {
  return trials.map(({ intermediate }) => intermediate.get(step)).filter((value) => value !== undefined);
}
