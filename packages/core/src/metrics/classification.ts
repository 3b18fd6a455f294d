import {
  averagePrecision,
  type Confusion,
  confusionAt,
  countByThreshold,
  measureRocArea,
  type ThresholdCounts,
} from './curves.ts';
import { checkProbabilities } from './pairs.ts';

/** How good calls of hits are. All 0 to 1, higher is better; null where a denominator is 0. */
export interface CallMetrics {
  /** Share of songs called right. */
  readonly accuracy: number;
  /** Share of hits among the songs called hits; null where none was called. */
  readonly precision: number | null;
  /** Share of hits that were called hits; null where there is none. */
  readonly recall: number | null;
  /** Harmonic mean of both; null where no song is a hit and none was called. */
  readonly f1: number | null;
}

/** How well scores separate hits from other songs. */
export interface HitMetrics extends CallMetrics {
  /** A song is a hit from this popularity on. */
  readonly cutoff: number;
  /** A song is called a hit from this score on. */
  readonly threshold: number;
  readonly rows: number;
  readonly hits: number;
  /** The accuracy of calling all songs what most are: what `accuracy` has to beat. 0.5 to 1. */
  readonly majorityRate: number;
  readonly confusion: Confusion;
  /** 0.5 is chance; null unless there are hits and others. */
  readonly rocAuc: number | null;
  /** Area under the precision-recall curve; chance is the share of hits. Null where there is no hit. */
  readonly prAuc: number | null;
  /** Mean squared distance of the probability from 1 for a hit, from 0 for another; null for scores that are none. */
  readonly brier: number | null;
}

export interface HitOptions {
  /** A song is a hit from this popularity on. */
  readonly cutoff: number;
  /** What scores are: predicted popularity, on the scale of the cut-off, or probabilities of being a hit. */
  readonly scale: 'popularity' | 'probability';
  /** A song is called a hit from this score on: the cut-off itself, or a probability of 0.5, where left out. */
  readonly threshold?: number;
}

/**
 * Any model as a classifier of hits: a regression by its predicted popularity, a classifier by its probabilities.
 *
 * Predictions that vary too little seldom reach the cut-off: areas under curves, which need no threshold, measure the order
 * that such a model gives, and `sweepThresholds` shows which threshold would suit it.
 * Shapes: actual (popularity) and scores (rows), in the same order.
 * Accuracy: equal to scikit-learn to 1e-10.
 * Throws: RangeError for no rows, unequal lengths, a value that is not finite or a probability outside 0 to 1.
 */
export function measureHits(actual: Float64Array, scores: Float64Array, options: HitOptions): HitMetrics {
  const { cutoff, scale, threshold = scale === 'popularity' ? cutoff : 0.5 } = options;
  const counts = countByThreshold(actual, scores, cutoff);
  const { hits, rows } = counts;
  const confusion = confusionFrom(counts, threshold);
  return {
    cutoff,
    threshold,
    rows,
    hits,
    majorityRate: Math.max(hits, rows - hits) / rows,
    ...measureCalls(confusion),
    confusion,
    rocAuc: measureRocArea(counts),
    prAuc: averagePrecision(counts),
    brier: scale === 'probability' ? measureBrier(actual, scores, cutoff) : null,
  };
}

/** The confusion matrix of any threshold, a score or not. */
function confusionFrom(counts: ThresholdCounts, threshold: number): Confusion {
  const { thresholds, hits, rows } = counts;
  const k = thresholds.findLastIndex((score) => score >= threshold);
  if (k >= 0) return confusionAt(counts, k);
  return { truePositives: 0, falsePositives: 0, falseNegatives: hits, trueNegatives: rows - hits };
}

/** Accuracy, precision, recall and F1 of a confusion matrix of at least one song. */
function measureCalls(confusion: Confusion): CallMetrics {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const rows = truePositives + falsePositives + falseNegatives + trueNegatives;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    accuracy: (truePositives + trueNegatives) / rows,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

/**
 * Brier score: mean squared distance of the probabilities of being a hit from what the songs are. 0 to 1, lower is better.
 * Throws: RangeError for a probability outside 0 to 1.
 */
function measureBrier(actual: Float64Array, probabilities: Float64Array, cutoff: number): number {
  checkProbabilities('measureHits', probabilities);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (probabilities[i] - (actual[i] >= cutoff ? 1 : 0)) ** 2;
  return sum / actual.length;
}

/** Metrics at one threshold. */
export interface ThresholdMetrics extends CallMetrics {
  readonly threshold: number;
  readonly confusion: Confusion;
}

/**
 * Metrics at every threshold, from the lowest score (all songs are called hits) to the highest; at `atMost` of them, evenly
 * spaced with both ends, where there are more.
 *
 * The best of them by these songs looks better than it will be on others: choose a threshold on validation rows.
 * Shapes: actual (popularity) and scores (rows), in the same order.
 * Throws: RangeError as `countByThreshold`, or for `atMost` below 2.
 */
export function sweepThresholds(
  actual: Float64Array,
  scores: Float64Array,
  { cutoff, atMost = Number.POSITIVE_INFINITY }: { readonly cutoff: number; readonly atMost?: number },
): ThresholdMetrics[] {
  if (!(atMost >= 2)) throw new RangeError(`sweepThresholds: atMost must be at least 2, got ${atMost}`);
  const counts = countByThreshold(actual, scores, cutoff);
  const last = counts.thresholds.length - 1;
  const points = Math.min(Math.floor(atMost), last + 1);
  return Array.from({ length: points }, (_, point) => {
    const k = points === 1 ? 0 : last - Math.round((point * last) / (points - 1));
    const confusion = confusionAt(counts, k);
    return { threshold: counts.thresholds[k], ...measureCalls(confusion), confusion };
  });
}
