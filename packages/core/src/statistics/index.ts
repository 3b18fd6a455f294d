export { leastSquares } from './leastSquares.ts';
export { normalQuantile, normalScores } from './normal.ts';
