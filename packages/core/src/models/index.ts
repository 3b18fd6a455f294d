export {
  createRegressor,
  type LoadedRegressor,
  loadRegressor,
  type ModelSettings,
  referenceBaselines,
} from './catalogue.ts';
export type { FittedLinear } from './linear.ts';
export { logisticClassifier } from './logistic.ts';
export { expectMambaFits } from './mamba.ts';
export { formatBytes, type TrainingSize } from './mambaMemory.ts';
export { mambaSettingsSchema, presetSettings } from './mambaSettings.ts';
export { decodeModel, encodeModel } from './modelFile.ts';
export type { Checkpoints, FitProgress, FittedRegressor, SavedModel, SavedTensor } from './regressor.ts';
export { readPlain } from './savedParts.ts';
export { joinRows } from './trainingRows.ts';
export { boostedDefaults, boostedSettingsSchema, forestDefaults, forestSettingsSchema } from './treeEnsemble.ts';
export { type Settings, settingsSchemas } from './tunable.ts';
