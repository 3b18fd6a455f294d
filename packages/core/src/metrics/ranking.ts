import { checkPairs } from './pairs.ts';

/** How good the k songs with the highest scores are as a list. */
export interface RankingMetrics {
  readonly k: number;
  /** Share of hits among the k songs; null where there are fewer songs than k, as are all. */
  readonly precision: number | null;
  /** `precision` over the share of hits among all songs: how many times better than k songs at random. Null without hits. */
  readonly lift: number | null;
  /**
   * Normalised discounted cumulative gain: popularity, divided by log₂(place + 1) and added up, over what the best order
   * would give. 0 to 1; null where all songs have popularity 0.
   */
  readonly ndcg: number | null;
}

export interface RankingOptions {
  /** A song is a hit from this popularity on. */
  readonly cutoff: number;
  /** Length of the list, from 1. */
  readonly k: number;
}

/**
 * Songs ordered by score, the highest first. Songs of equal score share their places: every figure is the average over
 * all orders of them, as in scikit-learn's `ndcg_score`, whose figure `ndcg` is.
 *
 * Shapes: actual (popularity, not negative) and scores (rows), in the same order.
 * Throws: RangeError for no rows, unequal lengths, a value that is not finite, a negative popularity or a k below 1.
 */
export function measureRanking(
  actual: Float64Array,
  scores: Float64Array,
  { cutoff, k }: RankingOptions,
): RankingMetrics {
  checkPairs('measureRanking', actual, scores);
  const negative = actual.findIndex((value) => value < 0);
  if (negative >= 0) {
    throw new RangeError(`measureRanking: actual[${negative}] must not be negative, got ${actual[negative]}`);
  }
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new RangeError(`measureRanking: k must be a whole number of at least 1, got ${k}`);
  }
  const rows = actual.length;
  if (rows < k) return { k, precision: null, lift: null, ndcg: null };
  const isHit = actual.map((value) => (value >= cutoff ? 1 : 0));
  const hits = isHit.reduce((sum, hit) => sum + hit, 0);
  const precision = addUpPlaces(isHit, scores, k, () => 1) / k;
  const discount = (place: number) => 1 / Math.log2(place + 1);
  const best = addUpPlaces(actual, actual, k, discount);
  return {
    k,
    precision,
    lift: hits > 0 ? precision / (hits / rows) : null,
    ndcg: best > 0 ? addUpPlaces(actual, scores, k, discount) / best : null,
  };
}

/** Adds up the gains of places 1 to k, weighted by place; the rows of one score each stand for their mean gain. */
function addUpPlaces(
  gains: Float64Array,
  scores: Float64Array,
  k: number,
  weightOf: (place: number) => number,
): number {
  const order = Uint32Array.from(scores, (_, i) => i).sort((i, j) => scores[j] - scores[i]);
  let total = 0;
  for (let start = 0; start < k; ) {
    let end = start;
    let gain = 0;
    while (end < order.length && scores[order[end]] === scores[order[start]]) gain += gains[order[end++]];
    let weight = 0;
    for (let place = start + 1; place <= Math.min(end, k); place++) weight += weightOf(place);
    total += (gain / (end - start)) * weight;
    start = end;
  }
  return total;
}
