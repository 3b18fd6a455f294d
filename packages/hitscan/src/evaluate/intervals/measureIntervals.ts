import { average } from '../moments.ts';
import { calibratedCoverages } from './conformal.ts';
import { type Coverage, findDeciles, measureCoverage, measureGroups } from './coverage.ts';
import { countTransforms, measureRankedProbability, type TransformBin } from './distributionScores.ts';
import type { IntervalForecast, IntervalMethod } from './intervalForecast.ts';

/** The shares that are told in detail; `calibratedCoverages` has these and more. */
export const reportedCoverages = [0.5, 0.8, 0.9] as const;

/** What intervals of one share hold. */
export interface CoverageFigures extends Coverage {
  /** The share of rows that they promise to cover. */
  readonly coverage: number;
}

/** The same by groups of rows. */
export interface GroupedCoverage extends CoverageFigures {
  /** By tenth of the prediction, the lowest first. */
  readonly deciles: readonly Coverage[];
  /** Songs of artists that have others among the training rows, and of artists that have none. */
  readonly seen: Coverage;
  readonly unseen: Coverage;
}

/** How honest and how wide one method's intervals are. */
export interface MethodFigures {
  readonly method: IntervalMethod;
  /** For each of `reportedCoverages`. */
  readonly reported: readonly GroupedCoverage[];
  /**
   * For each of `calibratedCoverages`: promised against measured, the reliability curve. Of a model's own quantiles, as far
   * as the outermost of them go.
   */
  readonly reliability: readonly CoverageFigures[];
}

/** Mean continuous ranked probability scores, in points of popularity; lower is better. */
export interface RankedProbability {
  /** Of the distribution that the model predicts; null where it predicts none. */
  readonly own: number | null;
  /** Of a Gaussian about the prediction with one deviation for all songs, that of the out-of-fold errors. */
  readonly constantDeviation: number;
  /** Of the prediction alone: the mean absolute error. */
  readonly point: number;
}

/** All that is measured of a model's intervals and distributions; plain data. */
export interface IntervalFigures {
  readonly rows: number;
  readonly methods: readonly MethodFigures[];
  readonly rankedProbability: RankedProbability;
  /** Where actual values lie in the distributions predicted; null where there are none. */
  readonly transforms: readonly TransformBin[] | null;
}

/** The largest share that lies between quantiles of these levels; levels are decimals, and their difference not quite one. */
function findWidest(levels: readonly number[]): number {
  return levels[levels.length - 1] - levels[0] + 1e-9;
}

/** Measures a forecast of held-out rows. */
export function measureIntervals({
  actual,
  seen,
  forecast: { predicted, distribution },
  deviation,
  methods,
}: Omit<IntervalForecast, 'calibration'>): IntervalFigures {
  const deciles = findDeciles(predicted);
  const outermost = distribution?.kind === 'quantiles' ? findWidest(distribution.levels) : 1;
  const constant = {
    kind: 'gaussian',
    mean: predicted,
    deviation: new Float64Array(actual.length).fill(deviation),
  } as const;
  return {
    rows: actual.length,
    methods: methods.map(({ method, intervals }) => ({
      method,
      reported: reportedCoverages.map((coverage) => {
        const chosen = intervals[calibratedCoverages.indexOf(coverage)];
        const [unseenRows, seenRows] = measureGroups(actual, chosen, coverage, seen, 2);
        return {
          coverage,
          ...measureCoverage(actual, chosen, coverage),
          deciles: measureGroups(actual, chosen, coverage, deciles, 10),
          seen: seenRows,
          unseen: unseenRows,
        };
      }),
      reliability: calibratedCoverages.flatMap((coverage, c) =>
        method === 'own' && coverage > outermost
          ? []
          : [{ coverage, ...measureCoverage(actual, intervals[c], coverage) }],
      ),
    })),
    rankedProbability: {
      own: distribution && measureRankedProbability(actual, distribution),
      constantDeviation: measureRankedProbability(actual, constant),
      point: average(actual.map((value, i) => Math.abs(value - predicted[i]))),
    },
    transforms: distribution && countTransforms(actual, distribution),
  };
}
