import type { Trial } from '../trial.ts';

/** The highest step that a trial has reported, null before the first. */
export function findLastStep(trial: Trial): number | null {
  return trial.intermediate.size === 0 ? null : Math.max(...trial.intermediate.keys());
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
