export { type ModelSummaries, noSummaries, summariseModels } from './summariseModels.ts';
