export { leastSquares } from './leastSquares.ts';
export { variance } from './moments.ts';
export { normalQuantile, normalScores } from './normal.ts';
export { findMostSimilar } from './similarity.ts';
