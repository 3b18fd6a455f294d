import type { Attributes, StudyView, Trial } from './trial.ts';

export interface PruneDecision {
  readonly prune: boolean;
  /** What the trial is to remember, as a rung that it has reached. */
  readonly systemAttributes: Attributes;
}

/** Decides after a report whether a running trial is to go on. */
export interface Pruner {
  decide(study: StudyView, trial: Trial): PruneDecision;
  /** The part of the study from which the trial's sampler is to learn; all of it where the pruner has no say in that. */
  selectPeers?(study: StudyView, trial: Trial): StudyView;
}

export const goOn: PruneDecision = { prune: false, systemAttributes: {} };
export const stop: PruneDecision = { prune: true, systemAttributes: {} };

/** Never prunes. */
export const noPruner: Pruner = { decide: () => goOn };
