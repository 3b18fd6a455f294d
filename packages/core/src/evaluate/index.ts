export { correlateWithEra, measureRowOrder } from './confounds.ts';
export { makeContestant } from './contestant.ts';
export {
  type ContestData,
  type FitOutcome,
  type FitResult,
  type FitTask,
  type FitThread,
  fitHere,
  fitPart,
  maskValues,
} from './fitTask.ts';
export { planProtocol } from './protocols.ts';
export type { ModelResult, TrainingOutcome } from './results.ts';
export { type OutcomeStore, runContest } from './runContest.ts';
