import type { Pruner } from '../pruner.ts';
import { goOn, stop } from '../pruner.ts';
import { findBestReport } from './percentile.ts';

export interface PatienceSettings {
  /** Reports without improvement that are borne. */
  readonly patience: number;
  /** What counts as an improvement. */
  readonly minDelta: number;
}

/**
 * Lets `inner` prune a trial only when it has not improved for `patience` reports; null prunes then in any case.
 * Source: Optuna 5, PatientPruner.
 */
export function createPatiencePruner(inner: Pruner | null, { patience, minDelta }: PatienceSettings): Pruner {
  return {
    decide: (study, trial) => {
      // By step, which is how a trial keeps them.
      const values = [...trial.intermediate.values()];
      if (values.length <= patience + 1) return goOn;
      const sign = study.directions[0] === 'maximize' ? -1 : 1;
      const before = sign * findBestReport(values.slice(0, -patience - 1), sign);
      const after = sign * findBestReport(values.slice(-patience - 1), sign);
      if (!(before + minDelta < after)) return goOn;
      return inner ? inner.decide(study, trial) : stop;
    },
  };
}
