import { interpolateSorted } from '../statistics/quantiles.ts';
import { checkPairs, checkProbabilities } from './pairs.ts';

/** Songs whose predicted probabilities lie together. */
export interface ReliabilityBin {
  /** Probabilities in the bin: above `from` (or equal, in the first bin), up to and with `to`. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean of their probabilities. */
  readonly predicted: number;
  /** Share of them that are hits: equal to `predicted` where probabilities are calibrated. */
  readonly observed: number;
}

export interface ReliabilityOptions {
  /** A song is a hit from this popularity on. */
  readonly cutoff: number;
  /** How many bins; 10 where left out. */
  readonly bins?: number;
  /**
   * `width` cuts 0 to 1 into equal widths; `count` cuts the songs into equal numbers, which shows more where hits are
   * rare and all probabilities low. `count` where left out.
   */
  readonly by?: 'width' | 'count';
}

/**
 * Probabilities of being a hit against the share of hits, in bins; bins without songs are left out. As scikit-learn's
 * `calibration_curve`, strategies `uniform` and `quantile`: a probability on an edge belongs to the bin below.
 *
 * Shapes: actual (popularity) and probabilities (rows), in the same order.
 * Throws: RangeError for no rows, unequal lengths, a value that is not finite, a probability outside 0 to 1 or fewer bins
 * than 1.
 */
export function measureReliability(
  actual: Float64Array,
  probabilities: Float64Array,
  { cutoff, bins = 10, by = 'count' }: ReliabilityOptions,
): ReliabilityBin[] {
  checkPairs('measureReliability', actual, probabilities);
  checkProbabilities('measureReliability', probabilities);
  if (!(Number.isInteger(bins) && bins >= 1)) {
    throw new RangeError(`measureReliability: bins must be a whole number of at least 1, got ${bins}`);
  }
  const sorted = probabilities.toSorted();
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) =>
    // Type 7 as `quantile`, divided last: a position that is whole comes out whole.
    by === 'width' ? i / bins : interpolateSorted(sorted, (i * (sorted.length - 1)) / bins),
  );
  const inner = edges.subarray(1, bins);
  const counts = new Uint32Array(bins);
  const sums = new Float64Array(bins);
  const hits = new Uint32Array(bins);
  probabilities.forEach((probability, i) => {
    const found = inner.findIndex((edge) => probability <= edge);
    const bin = found < 0 ? bins - 1 : found;
    counts[bin]++;
    sums[bin] += probability;
    if (actual[i] >= cutoff) hits[bin]++;
  });
  return Array.from(counts, (rows, bin) => ({
    from: edges[bin],
    to: edges[bin + 1],
    rows,
    predicted: sums[bin] / rows,
    observed: hits[bin] / rows,
  })).filter(({ rows }) => rows > 0);
}
