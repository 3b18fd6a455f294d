import { checkPairs } from './pairs.ts';

/** Songs by what was predicted and what they are; a hit is positive. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * True and false positives when songs with at least a score are called hits, for every distinct score.
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

/**
 * Receiver operating characteristic: points from (0, 0) to (1, 1), as scikit-learn's `roc_curve` gives them.
 * Shapes: all (points). The first threshold is +∞: no song is called a hit.
 */
export interface RocCurve {
  readonly thresholds: Float64Array;
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
}

/**
 * Precision against recall, as scikit-learn's `precision_recall_curve` gives them: thresholds ascend, recall falls.
 * Shapes: thresholds (points − 1), the others (points). The last point, precision 1 at recall 0, has no threshold.
 */
export interface PrecisionRecallCurve {
  readonly thresholds: Float64Array;
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/**
 * The curve of both rates over all thresholds; null unless there are hits and others.
 *
 * A point in the middle of a step, the same way from its neighbours, is left out as scikit-learn does by default: the
 * drawn curve and its area stay the same.
 */
export function traceRoc({ thresholds, truePositives, falsePositives, hits, rows }: ThresholdCounts): RocCurve | null {
  const others = rows - hits;
  if (hits === 0 || others === 0) return null;
  const turns = (counts: Float64Array, k: number) => counts[k + 1] - counts[k] !== counts[k] - counts[k - 1];
  const last = thresholds.length - 1;
  const kept = Uint32Array.from(thresholds.keys()).filter(
    (k) => k === 0 || k === last || turns(truePositives, k) || turns(falsePositives, k),
  );
  return {
    thresholds: join([Number.POSITIVE_INFINITY], pick(thresholds, kept)),
    falsePositiveRate: join(
      [0],
      pick(falsePositives, kept).map((count) => count / others),
    ),
    truePositiveRate: join(
      [0],
      pick(truePositives, kept).map((count) => count / hits),
    ),
  };
}

/** The curve of precision against recall with a point for every threshold; null where there is no hit. */
export function tracePrecisionRecall(counts: ThresholdCounts): PrecisionRecallCurve | null {
  const { thresholds, truePositives, falsePositives, hits } = counts;
  if (hits === 0) return null;
  const precision = truePositives.map((count, k) => count / (count + falsePositives[k]));
  const recall = truePositives.map((count) => count / hits);
  return {
    thresholds: thresholds.toReversed(),
    precision: join(precision.reverse(), [1]),
    recall: join(recall.reverse(), [0]),
  };
}

function pick(values: Float64Array, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (k) => values[k]);
}

/** Not by spreading: a call takes some ten thousand arguments at most. */
function join(first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  const joined = new Float64Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/**
 * Area under the ROC curve: the share of pairs of a hit and another song in which the hit has the higher score, equal
 * scores counting half. Null unless there are both.
 */
export function measureRocArea({ truePositives, falsePositives, hits, rows }: ThresholdCounts): number | null {
  const others = rows - hits;
  if (hits === 0 || others === 0) return null;
  let doubled = 0;
  for (let k = 0; k < truePositives.length; k++) {
    const [hitsBefore, othersBefore] = k === 0 ? [0, 0] : [truePositives[k - 1], falsePositives[k - 1]];
    doubled += (falsePositives[k] - othersBefore) * (truePositives[k] + hitsBefore);
  }
  return doubled / 2 / hits / others;
}

/**
 * Average precision, the area under the precision-recall curve as scikit-learn's `average_precision_score` defines it:
 * the precision at each threshold, weighted by the recall gained there, with no line drawn between points. Null where
 * there is no hit.
 */
export function averagePrecision({ truePositives, falsePositives, hits }: ThresholdCounts): number | null {
  if (hits === 0) return null;
  let sum = 0;
  for (let k = 0; k < truePositives.length; k++) {
    const gained = truePositives[k] - (k === 0 ? 0 : truePositives[k - 1]);
    sum += (gained / hits) * (truePositives[k] / (truePositives[k] + falsePositives[k]));
  }
  return sum;
}
