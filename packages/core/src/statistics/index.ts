export { leastSquares } from './leastSquares.ts';
export { normalQuantile, rankScores } from './normalScores.ts';
