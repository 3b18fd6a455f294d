export {
  type Config,
  checkConfig,
  configKeys,
  type GivenConfig,
  resolveConfig,
} from './configuration.ts';
export {
  type ContestResult,
  type ContestSteps,
  reopenContest,
  runContestSteps,
  startContest,
} from './contestRun.ts';
export { evaluationSteps } from './evaluation.ts';
export type { Environment, PipelineEvent } from './events.ts';
export { explainSongs } from './explanation.ts';
export { type FinishedRun, loadRunModel, openFinishedRun } from './finishedRun.ts';
export type { Host, Machine, RunStores, SongSources, StudyStorages } from './host.ts';
export { canExplain } from './insight.ts';
export { investigationSteps } from './investigation.ts';
export { reopenTraining, startTraining } from './openTraining.ts';
export type { PreparedRun, TrainingCommand } from './preparedRun.ts';
export { type LineLog, openRunFiles, type RunFiles, type RunStore } from './runFiles.ts';
export { expectTwinFits, readingIn } from './songs.ts';
export { planTraining, runTraining, type TrainingPlan } from './training.ts';
export type { StudyTrials, TuningResult } from './tuningResult.ts';
