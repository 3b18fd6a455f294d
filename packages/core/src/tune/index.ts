export { chooseSampler } from './chooseSampler.ts';
export { type Distribution, toValue } from './distributions.ts';
export type { Pace } from './lifeSigns.ts';
export { type Processes, processAttribute, soleProcess } from './processes.ts';
export type { Pruner } from './pruner.ts';
export { noPruner } from './pruner.ts';
export { createHyperbandPruner } from './pruners/hyperband.ts';
export { createPatiencePruner } from './pruners/patience.ts';
export { createMedianPruner, createPercentilePruner } from './pruners/percentile.ts';
export { createHalvingPruner } from './pruners/successiveHalving.ts';
export { createThresholdPruner } from './pruners/threshold.ts';
export { createWilcoxonPruner } from './pruners/wilcoxon.ts';
export { runStudy } from './runStudy.ts';
export type { Sampler } from './sampler.ts';
export { findSmallest, problems } from './samplers/problems.ts';
export { createRandomSampler } from './samplers/random.ts';
export { createTpeSampler } from './samplers/tpe.ts';
export { checkSpace, type SpaceDeclaration } from './searchSpace.ts';
export { type Storage, TrialEndedError, type TrialTemplate } from './storage.ts';
export { findIncompatibility, formatDistribution, parseDistribution } from './storages/distributionText.ts';
export type { JournalRecord } from './storages/journalRecord.ts';
export { createMemoryStorage } from './storages/memory.ts';
export { formatWait, limitWait, type Notify, tellOfWait } from './storages/patience.ts';
export { formatPythonJson, parsePythonJson } from './storages/pythonJson.ts';
export { createQueue } from './storages/queue.ts';
export { createRecordCheck } from './storages/recordSchema.ts';
export { createRecordStorage, type RecordLog } from './storages/recordStorage.ts';
export { createStudy, openStudy, type Study } from './study.ts';
export {
  type Attributes,
  type Direction,
  isFinished,
  type Json,
  type Trial,
  type TrialParameter,
  type TrialState,
} from './trial.ts';
export {
  runTrial,
  runTrialsHere,
  type TrialData,
  type TrialMessage,
  type TrialReport,
  type TrialTask,
  type TrialThread,
} from './trialRunner.ts';
export { tuneModel } from './tuneModel.ts';
