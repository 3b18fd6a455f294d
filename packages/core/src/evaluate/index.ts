export { correlateWithEra } from './confounds/eraCorrelations.ts';
export { measureRowOrder } from './confounds/rowOrder.ts';
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
export { hideValues } from './hideValues.ts';
export { viewAsHits } from './hits.ts';
export { type EvaluatedModel, type EvaluationStore, evaluateHoldout } from './holdout.ts';
export { type Investigation, investigateTies, type PlannedInquiries, planInquiries } from './investigate.ts';
export { fullSize } from './investigation.ts';
export { type LearningCurveFigures, learningCurveFiguresSchema, measureLearning } from './learning.ts';
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
