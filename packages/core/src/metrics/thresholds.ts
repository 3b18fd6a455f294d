import { checkPairs } from './checkPairs.ts';

/** Songs by what was predicted and what they are; a hit is positive. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * What calling every song from a score on a hit gets right and wrong, for every score there is.
 * Shapes: all (distinct scores), from the highest score down, so that both counts never fall.
 */
export interface ThresholdCounts {
  readonly thresholds: Float64Array;
  /** Hits among the songs at or above each threshold. */
  readonly truePositives: Float64Array;
  /** Other songs among them. */
  readonly falsePositives: Float64Array;
  /** Hits among all songs. */
  readonly hits: number;
  /** All songs. */
  readonly rows: number;
}

/**
 * Counts hits and others at or above each distinct score; a song is a hit from popularity `cutoff` on.
 * Shapes: actual and scores (rows), in the same order.
 * Throws: RangeError for no rows, unequal lengths or a value that is not finite.
 */
export function countByThreshold(actual: Float64Array, scores: Float64Array, cutoff: number): ThresholdCounts {
  checkPairs('countByThreshold', actual, scores);
  const order = Uint32Array.from(scores, (_, i) => i).sort((i, j) => scores[j] - scores[i]);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let hits = 0;
  for (let k = 0; k < order.length; k++) {
    if (actual[order[k]] >= cutoff) hits++;
    // Equal scores are passed together: no threshold parts them.
    if (k + 1 < order.length && scores[order[k + 1]] === scores[order[k]]) continue;
    thresholds.push(scores[order[k]]);
    truePositives.push(hits);
    falsePositives.push(k + 1 - hits);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
    hits,
    rows: order.length,
  };
}

/** The confusion matrix at the k-th threshold of the counts, from the highest down. */
export function confusionAt({ truePositives, falsePositives, hits, rows }: ThresholdCounts, k: number): Confusion {
  return {
    truePositives: truePositives[k],
    falsePositives: falsePositives[k],
    falseNegatives: hits - truePositives[k],
    trueNegatives: rows - hits - falsePositives[k],
  };
}
