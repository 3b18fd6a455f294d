import { z } from 'zod';
import { average } from '../statistics/moments.ts';
import { calibratedCoverages } from './conformal.ts';
import { coverageSchema, findDeciles, measureCoverage, measureGroups } from './coverage.ts';
import { countTransforms, measureRankedProbability, transformBinSchema } from './distributionScores.ts';
import { type IntervalForecast, type IntervalMethod, intervalMethods } from './intervalForecast.ts';

/** The coverages that are reported in detail; `calibratedCoverages` has these and more. */
export const reportedCoverages = [0.5, 0.8, 0.9] as const;

/** What intervals of one share hold. */
const coverageFiguresSchema = z
  .object({
    ...coverageSchema.unwrap().shape,
    /** The share of rows that they promise to cover. */
    coverage: z.number().gt(0).lt(1),
  })
  .readonly();
export type CoverageFigures = z.infer<typeof coverageFiguresSchema>;

/** The same by groups of rows. */
const groupedCoverageSchema = z
  .object({
    ...coverageFiguresSchema.unwrap().shape,
    /** By tenth of the prediction, the lowest first. */
    deciles: z.array(coverageSchema).length(10).readonly(),
    /** Songs of artists that have others among the training rows, and of artists that have none. */
    seen: coverageSchema,
    unseen: coverageSchema,
  })
  .readonly();
export type GroupedCoverage = z.infer<typeof groupedCoverageSchema>;

/** Coverage and width of one method's intervals. */
const methodFiguresSchema = z
  .object({
    method: z.enum(intervalMethods),
    /** For each of `reportedCoverages`. */
    reported: z.array(groupedCoverageSchema).length(reportedCoverages.length).readonly(),
    /**
     * For each of `calibratedCoverages`: promised against measured, the reliability curve. Of a model's own quantiles, as far
     * as the outermost of them go.
     */
    reliability: z.array(coverageFiguresSchema).readonly(),
  })
  .readonly();
export type MethodFigures = z.infer<typeof methodFiguresSchema>;

/** Mean continuous ranked probability scores, in points of popularity; lower is better. */
const rankedProbabilitySchema = z
  .object({
    /** Of the distribution that the model predicts; null where it predicts none. */
    own: z.number().nullable(),
    /** Of a Gaussian about the prediction with one deviation for all songs, that of the out-of-fold errors. */
    constantDeviation: z.number(),
    /** Of the prediction alone: the mean absolute error. */
    point: z.number(),
  })
  .readonly();

/** All that is measured of a model's intervals and distributions; plain data. */
export const intervalFiguresSchema = z
  .object({
    rows: z.number().min(0),
    methods: z.array(methodFiguresSchema).min(1).readonly(),
    rankedProbability: rankedProbabilitySchema,
    /** Where actual values lie in the distributions predicted; null where there are none. */
    transforms: z.array(transformBinSchema).readonly().nullable(),
  })
  .readonly();
export type IntervalFigures = z.infer<typeof intervalFiguresSchema>;

const outOfFold: readonly IntervalMethod[] = ['outOfFold', 'outOfFoldNormalised', 'outOfFoldQuantiles'];

/** Of the methods, the one that is kept with a model. */
export function findKept({ methods }: IntervalFigures): MethodFigures {
  return methods.findLast(({ method }) => outOfFold.includes(method)) ?? methods[0];
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
