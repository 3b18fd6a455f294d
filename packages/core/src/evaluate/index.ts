export { correlateWithEra, measureRowOrder } from './confounds.ts';
export { type Contestant, makeContestant } from './contestant.ts';
export {
  type ContestData,
  type FitOutcome,
  type FitResult,
  type FitTask,
  type FitThread,
  fitHere,
  fitPart,
} from './fitTask.ts';
export { measureModelHits } from './hits.ts';
export { type EvaluatedModel, type EvaluationStore, evaluateHoldout } from './holdout.ts';
export { fullSize } from './inquiries.ts';
export { type Investigation, investigateTies, type PlannedInquiries, planInquiries } from './investigate.ts';
export { type LearningCurveFigures, learningCurveFiguresSchema, measureLearning } from './learning.ts';
export { maskValues } from './maskValues.ts';
export { type Protocol, planProtocol } from './protocols.ts';
export {
  type ModelFigures,
  type ModelIntervals,
  type ModelResult,
  modelFiguresSchema,
  modelIntervalsSchema,
  type TestPredictions,
  type TrainingOutcome,
} from './results.ts';
export { type ContestProgress, type OutcomeStore, runContest } from './runContest.ts';
