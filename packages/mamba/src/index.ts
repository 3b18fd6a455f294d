/** Selective state-space models: the public surface. */
export { type BackendName, createBackend } from './backend.ts';
export { type MambaConfig, type MambaState, mamba, mambaParameters } from './blocks/mamba.ts';
export type { Model } from './blocks/model.ts';
export { type StackConfig, stack, stackParameters } from './blocks/stack.ts';
export { createStepper, type Stepper } from './blocks/step.ts';
export { categoryOffsets, tokenNetwork } from './blocks/tokenNetwork.ts';
export { vectorNetwork } from './blocks/vectorNetwork.ts';
export { ConfigError, DivergenceError, FormatError, ShapeError } from './errors.ts';
export { allocateParameters, countParameters } from './parameters.ts';
export { type RandomStream, randomStream } from './random.ts';
export { readSafetensors, type Safetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';
export type { Examples } from './train/examples.ts';
export { createPredictor } from './train/predict.ts';
export { createTraining, type EpochLosses, type Training, type TrainingConfig } from './train/train.ts';
export { supportsRelaxed } from './wasm/loader.ts';
