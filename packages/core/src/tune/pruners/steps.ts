import type { Attributes, Trial } from '../trial.ts';

/** The highest step that a trial has reported, null before the first. */
export function findLastStep(trial: Trial): number | null {
  return trial.intermediate.size === 0 ? null : Math.max(...trial.intermediate.keys());
}

/** The system attribute in which a trial remembers how long trials were, for the processes to come. */
const lengthAttribute = 'hitscan:trial_steps';

/**
 * Steps of a whole trial, once and for all: of the longest one that was complete when a pruner first asked; null before. Optuna
 * keeps that in the process, so that one which goes on with a study decides otherwise.
 */
export function recallLength(trials: readonly Trial[]): number | null {
  const mark = trials.find(({ systemAttributes }) => lengthAttribute in systemAttributes);
  return mark ? Number(mark.systemAttributes[lengthAttribute]) : null;
}

/** What the trial decided upon is to remember for `recallLength`. */
export function markLength(steps: number): Attributes {
  return { [lengthAttribute]: steps };
}

/** How many steps the longest complete trial had, counted from 0; null where none is complete. */
export function measureLength(trials: readonly Trial[]): number | null {
  const steps = trials
    .filter(({ state }) => state === 'complete')
    .map(findLastStep)
    .filter((step) => step !== null);
  return steps.length === 0 ? null : Math.max(...steps) + 1;
}

/** When a pruner looks at a trial. */
export interface CheckedSteps {
  /** No trial is pruned before this step. */
  readonly warmupSteps: number;
  /** Checks lie this many steps apart; one at whose step nothing is reported takes place at the next report. */
  readonly intervalSteps: number;
}

/** The trial's last step where a check is due at it, null elsewhere. */
export function findCheckedStep(trial: Trial, { warmupSteps, intervalSteps }: CheckedSteps): number | null {
  const step = findLastStep(trial);
  if (step === null || step < warmupSteps) return null;
  const due = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps;
  let before = -1;
  for (const other of trial.intermediate.keys()) if (other !== step) before = Math.max(before, other);
  return before < due ? step : null;
}
