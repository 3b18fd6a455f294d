import { measureHits } from '../metrics/classification.ts';
import { measureRanking } from '../metrics/ranking.ts';
import type { ModelHits, TestPredictions } from './results.ts';

export interface HitsOptions {
  /** A song is a hit from this popularity on. */
  readonly cutoff: number;
  /** Probabilities of a classifier, by its name. */
  readonly probabilities: readonly TestPredictions[];
}

/** Length of a shortlist of likely hits: a tenth of the songs, at least 1 and at most 100. */
function chooseShortlist(rows: number): number {
  return Math.min(100, Math.max(1, Math.round(rows / 10)));
}

/**
 * Measures every model as a classifier of hits and as a ranking of songs. Empty where no held-out song is a hit, or all are.
 * Shapes: actual and all predictions (rows), in the same order.
 */
export function measureModelHits(
  actual: Float64Array,
  predictions: readonly TestPredictions[],
  { cutoff, probabilities }: HitsOptions,
): ModelHits[] {
  const hits = actual.reduce((sum, value) => sum + (value >= cutoff ? 1 : 0), 0);
  if (hits === 0 || hits === actual.length) return [];
  const k = chooseShortlist(actual.length);
  const measureAs = ({ name, predicted }: TestPredictions, scale: ModelHits['scale']): ModelHits => ({
    name,
    scale,
    scores: predicted,
    metrics: measureHits(actual, predicted, { cutoff, scale }),
    ranking: measureRanking(actual, predicted, { cutoff, k }),
  });
  return [
    ...predictions.map((model) => measureAs(model, 'popularity')),
    ...probabilities.map((model) => measureAs(model, 'probability')),
  ];
}
