/** Selective state-space models: the public surface. */
export { createBackend } from './backend.ts';
export type { Model } from './blocks/model.ts';
export { type SequenceNetworkConfig, sequenceNetwork } from './blocks/sequenceNetwork.ts';
export { createStepper } from './blocks/sequenceStepper.ts';
export { tokenNetwork } from './blocks/tokenNetwork.ts';
export { vectorNetwork } from './blocks/vectorNetwork.ts';
export { MambaError } from './errors.ts';
export { loadParameters } from './parameters.ts';
export { readPretrained } from './pretrained/readPretrained.ts';
export { writePretrained } from './pretrained/writePretrained.ts';
export { type RandomStream, randomStream } from './random.ts';
export { readSafetensors, writeSafetensors } from './safetensors.ts';
export type { Examples } from './train/examples.ts';
export { measureMemory } from './train/memory.ts';
export { createPredictor } from './train/predict.ts';
export { createTraining, type TrainingConfig } from './train/train.ts';
export { chooseBackend } from './wasm/loader.ts';
