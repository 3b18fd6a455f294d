export { createRegressor, type LoadedRegressor, loadRegressor } from './catalogue.ts';
export { presetSettings } from './mambaSettings.ts';
export { decodeModel, encodeModel } from './modelFile.ts';
export type { FitProgress, FittedRegressor, SavedModel, SavedTensor } from './regressor.ts';
