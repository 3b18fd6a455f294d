export { formatPredictions } from './predictions.ts';
