import { type Coverage, estimateShare } from './coverage.ts';
import type { IntervalFigures } from './measureIntervals.ts';

/** Mean weighted by rows; null where a part's is not known, or has no end. */
function averageRows<P>(parts: readonly P[], rowsOf: (part: P) => number, read: (part: P) => number | null) {
  let sum = 0;
  let rows = 0;
  for (const part of parts) {
    const value = read(part);
    if (value === null || !Number.isFinite(value)) return null;
    sum += value * rowsOf(part);
    rows += rowsOf(part);
  }
  return rows > 0 ? sum / rows : null;
}

/** Coverages of different rows as one. `repeats`: how often the same songs are among them. */
function poolCoverages(parts: readonly Coverage[], repeats: number): Coverage {
  const known = parts.filter(({ rows }) => rows > 0);
  const average = (read: (part: Coverage) => number | null) => averageRows(known, ({ rows }) => rows, read);
  const songs = known.reduce((sum, { rows }) => sum + rows, 0) / repeats;
  const covered = average((part) => part.covered);
  const share = covered === null ? null : estimateShare(Math.min(covered, 1) * songs, songs);
  return {
    rows: songs,
    covered,
    coveredLow: share?.low ?? null,
    coveredHigh: share?.high ?? null,
    meanWidth: average((part) => part.meanWidth),
    intervalScore: average((part) => part.intervalScore),
  };
}

/**
 * What is measured of one model's intervals in every part of a protocol, as one: shares and means over all rows. Tenths of
 * the prediction are those of each part, since each has a model of its own.
 *
 * `repeats`: how often each song is among the rows; rows are counted once, and intervals for shares are as wide as songs, not
 * rows, make them.
 * Throws: RangeError for no part, or parts of different methods.
 */
export function poolIntervals(parts: readonly IntervalFigures[], repeats: number): IntervalFigures {
  const [first] = parts;
  if (!first) throw new RangeError('poolIntervals: needs at least one part, got 0');
  const listMethods = ({ methods }: IntervalFigures) => methods.map(({ method }) => method).join(', ');
  for (const part of parts) {
    if (listMethods(part) !== listMethods(first))
      throw new RangeError(`poolIntervals: methods must be ${listMethods(first)} in all, got ${listMethods(part)}`);
  }
  const average = (read: (part: IntervalFigures) => number | null) => averageRows(parts, ({ rows }) => rows, read);
  const pool = (coverageOf: (part: IntervalFigures) => Coverage) => poolCoverages(parts.map(coverageOf), repeats);
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0) / repeats,
    methods: first.methods.map(({ method, reported, reliability }, m) => ({
      method,
      reported: reported.map(({ coverage, deciles }, c) => ({
        coverage,
        ...pool(({ methods }) => methods[m].reported[c]),
        deciles: deciles.map((_, d) => pool(({ methods }) => methods[m].reported[c].deciles[d])),
        seen: pool(({ methods }) => methods[m].reported[c].seen),
        unseen: pool(({ methods }) => methods[m].reported[c].unseen),
      })),
      reliability: reliability.map(({ coverage }, c) => ({
        coverage,
        ...pool(({ methods }) => methods[m].reliability[c]),
      })),
    })),
    rankedProbability: {
      own: average((part) => part.rankedProbability.own),
      // Means of finite errors, of at least one row.
      constantDeviation: average((part) => part.rankedProbability.constantDeviation) as number,
      point: average((part) => part.rankedProbability.point) as number,
    },
    transforms:
      first.transforms?.map(({ from, to }, bin) => ({
        from,
        to,
        share: average(({ transforms }) => transforms?.[bin].share ?? null) as number,
      })) ?? null,
  };
}
