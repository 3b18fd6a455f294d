import { z } from 'zod';
import { wilsonInterval } from '../compare/estimates.ts';
import { average } from '../statistics/moments.ts';
import { rankShares } from '../statistics/ranks.ts';
import { groupArtists } from '../tracks/repeats.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { expectCoverage, type Intervals } from './intervals.ts';

/** Whether intervals hold what they promise, over some rows. All but `rows` is null where there are none. */
export const coverageSchema = z
  .object({
    rows: z.number().min(0),
    /** Share of the rows whose actual value lies within its interval, ends included. 0 to 1. */
    covered: z.number().nullable(),
    /** Ends of a 95 % interval for that share, the rows taken as independent (Wilson). */
    coveredLow: z.number().nullable(),
    coveredHigh: z.number().nullable(),
    /** In points of popularity; Infinity where an interval has no end. */
    meanWidth: z.number().nullable(),
    /** Mean interval score: width, and for a value outside 2/(1 − coverage) times how far. Lower is better. */
    intervalScore: z.number().nullable(),
  })
  .readonly();
export type Coverage = z.infer<typeof coverageSchema>;

/** Half-width of a 95 % interval, in deviations of a normal variable. */
const normal95 = 1.959963984540054;

/**
 * A 95 % interval for a probability, from how often something happened in independent trials.
 * Source: Wilson 1927. Throws: RangeError for no trials, or more successes than trials.
 */
export function estimateShare(successes: number, trials: number): { readonly low: number; readonly high: number } {
  if (!(trials > 0 && successes >= 0 && successes <= trials)) {
    throw new RangeError(`estimateShare: successes must be 0 to the number of trials, got ${successes} of ${trials}`);
  }
  const [low, high] = wilsonInterval(successes / trials, trials, normal95);
  return { low, high };
}

/**
 * Interval score of each row: `width + 2/(1 − coverage) · (how far the value lies outside)`; its expectation is least for the
 * true quantiles. Source: Winkler 1972; Gneiting & Raftery 2007, §6.2. Shapes: (rows).
 */
export function scoreIntervals(actual: Float64Array, { low, high }: Intervals, coverage: number): Float64Array {
  expectCoverage('scoreIntervals', coverage);
  return actual.map((value, i) => {
    const outside = Math.max(0, low[i] - value, value - high[i]);
    // Beside an infinite width, the product of nothing and a weight.
    return high[i] - low[i] + (outside > 0 ? (2 / (1 - coverage)) * outside : 0);
  });
}

/** Measures the rows of each group: `groupOf` says which, from 0, for each row. Shapes: all (rows). */
export function measureGroups(
  actual: Float64Array,
  intervals: Intervals,
  coverage: number,
  groupOf: ArrayLike<number>,
  groups: number,
): Coverage[] {
  const { low, high } = intervals;
  if (low.length !== actual.length || high.length !== actual.length || groupOf.length !== actual.length) {
    const got = `${low.length}, ${high.length} and ${groupOf.length}`;
    throw new RangeError(`measureGroups: ends and groups must be ${actual.length} each, got ${got}`);
  }
  const scores = scoreIntervals(actual, intervals, coverage);
  const rowsOf: number[][] = Array.from({ length: groups }, () => []);
  for (let i = 0; i < actual.length; i++) rowsOf[groupOf[i]].push(i);
  return rowsOf.map((rows) => {
    const count = rows.length;
    if (count === 0) {
      return { rows: 0, covered: null, coveredLow: null, coveredHigh: null, meanWidth: null, intervalScore: null };
    }
    const hits = rows.filter((i) => low[i] <= actual[i] && actual[i] <= high[i]).length;
    const share = estimateShare(hits, count);
    return {
      rows: count,
      covered: hits / count,
      coveredLow: share.low,
      coveredHigh: share.high,
      meanWidth: average(Float64Array.from(rows, (i) => high[i] - low[i])),
      intervalScore: average(Float64Array.from(rows, (i) => scores[i])),
    };
  });
}

/** Measures all rows together. Shapes: all (rows). Throws: RangeError on unequal lengths. */
export function measureCoverage(actual: Float64Array, intervals: Intervals, coverage: number): Coverage {
  return measureGroups(actual, intervals, coverage, new Uint8Array(actual.length), 1)[0];
}

/**
 * Which tenth of the rows each is in by its prediction, 0 (lowest) to 9. Equal predictions are in one tenth, so that a
 * constant model's rows are all in the middle one and other tenths empty.
 */
export function findDeciles(predicted: Float64Array): Uint8Array {
  return Uint8Array.from(rankShares(predicted), (share) => Math.floor(10 * share));
}

/** 1 for each row whose artist has a song among the training rows, else 0; an artist that is not known has none. */
export function findSeenArtists(tracks: Tracks, train: Rows, rows: Rows): Uint8Array {
  const groups = groupArtists(tracks);
  const seen = new Set(Array.from(train, (row) => groups[row]));
  return Uint8Array.from(rows, (row) => (seen.has(groups[row]) ? 1 : 0));
}
