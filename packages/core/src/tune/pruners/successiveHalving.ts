import { ConfigError } from '../../errors.ts';
import type { PruneDecision, Pruner } from '../pruner.ts';
import { goOn, stop } from '../pruner.ts';
import type { Json, StudyView, Trial } from '../trial.ts';
import { findLastStep, markLength, measureLength, recallLength } from './steps.ts';

export interface HalvingSettings {
  /** Steps until the first rung; `auto`: a hundredth of those of the longest complete trial. */
  readonly minResource: number | 'auto';
  /** One in this many trials climbs from a rung to the next, which is this many times as far. */
  readonly reductionFactor: number;
  /** Rungs to leave out at the bottom. */
  readonly minEarlyStoppingRate: number;
  /** Trials that a rung must have seen before any may go on. */
  readonly bootstrapCount: number;
}

const halvingDefaults: HalvingSettings = {
  minResource: 'auto',
  reductionFactor: 4,
  minEarlyStoppingRate: 0,
  bootstrapCount: 0,
};

/**
 * Asynchronous successive halving: a trial that reaches a rung goes on if its value there is among the best so far.
 * Trials remember their values at rungs in `completed_rung_<n>`, as Optuna's. Source: Li et al. 2020; Optuna 5,
 * SuccessiveHalvingPruner.
 *
 * Throws: ConfigError.
 */
export function createHalvingPruner(settings: Partial<HalvingSettings> = {}): Pruner {
  const { minResource, reductionFactor, minEarlyStoppingRate, bootstrapCount } = { ...halvingDefaults, ...settings };
  if (reductionFactor < 2) throw new ConfigError('reductionFactor', `must be at least 2, got ${reductionFactor}`);
  if (bootstrapCount > 0 && minResource === 'auto')
    throw new ConfigError('bootstrapCount', `must be 0 where minResource is auto, got ${bootstrapCount}`);
  const decide = (study: StudyView, trial: Trial): PruneDecision => {
    const step = findLastStep(trial);
    if (step === null) return goOn;
    const value = trial.intermediate.get(step) as number;
    const reached: Record<string, Json> = {};
    let base = minResource;
    if (base === 'auto') {
      const known = recallLength(study.trials);
      const length = known ?? measureLength(study.trials);
      if (length === null) return goOn;
      // Once estimated it stays, so that the rungs stay where they are.
      if (known === null) Object.assign(reached, markLength(length));
      base = Math.max(Math.floor((length - 1) / 100), 1);
    }
    for (let rung = countRungs(trial); ; rung++) {
      if (step < base * reductionFactor ** (minEarlyStoppingRate + rung)) return { ...goOn, systemAttributes: reached };
      if (Number.isNaN(value)) return { ...stop, systemAttributes: reached };
      const key = nameRung(rung);
      reached[key] = value;
      const competing = study.trials
        .filter(({ systemAttributes }) => key in systemAttributes)
        .map(({ systemAttributes }) => Number(systemAttributes[key]));
      competing.push(value);
      const sign = study.directions[0] === 'maximize' ? -1 : 1;
      if (competing.length <= bootstrapCount || !isAmongBest(value, competing, reductionFactor, sign))
        return { ...stop, systemAttributes: reached };
    }
  };
  return { decide };
}

function nameRung(rung: number): string {
  return `completed_rung_${rung}`;
}

function countRungs({ systemAttributes }: Trial): number {
  let rung = 0;
  while (nameRung(rung) in systemAttributes) rung++;
  return rung;
}

/** The first few trials, of which no share makes a whole one, go on if they are the best. */
function isAmongBest(value: number, competing: readonly number[], reductionFactor: number, sign: number): boolean {
  const promoted = Math.max(Math.floor(competing.length / reductionFactor), 1);
  const sorted = competing.map((other) => sign * other).sort((a, b) => a - b);
  return sign * value <= sorted[promoted - 1];
}
