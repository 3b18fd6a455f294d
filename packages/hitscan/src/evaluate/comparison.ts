import { estimateFromResamples, shareBetter } from './bootstrap.ts';
import { type ComparedMetric, comparedMetrics, subtract } from './comparedMetrics.ts';
import { correctedResampledT, correctHolm, type DifferenceEstimate } from './estimates.ts';
import type { FoldPredictions, ModelPredictions } from './foldPredictions.ts';
import { average, sumSquaredDeviations } from './moments.ts';
import { type ResampledFigure, type ResamplingOptions, resampleFigures } from './resampledFigures.ts';

/** What is shown of model a, held against model b. */
export type ComparisonVerdict = 'better' | 'worse' | 'no difference shown';

/** Two models by one figure, on the same rows. Nulls where the figure is undefined, or all rows are of one cluster. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly metric: ComparedMetric;
  /** The figure of a minus that of b, over all held-out rows. */
  readonly difference: number | null;
  /** Ends of the 95 % interval: the lower of `resampledT` and `bootstrap`'s low ends, and the higher of their high ends. */
  readonly low: number | null;
  readonly high: number | null;
  /** `rawP`, corrected by Holm for all pairs of models compared by this figure. */
  readonly p: number | null;
  readonly verdict: ComparisonVerdict;
  /** The larger p of `resampledT` and `bootstrap`. */
  readonly rawP: number | null;
  /** How often a is better, equals counting half: in resamples of the songs, and song by song by the size of the error. */
  readonly superiority: { readonly resamples: number | null; readonly rows: number };
  /** By fold: also how the difference moves with the training rows. Null for a single fold. */
  readonly resampledT: DifferenceEstimate | null;
  /** By artist: how the difference moves with the songs it is measured on. */
  readonly bootstrap: DifferenceEstimate | null;
}

/** Level of the tests, and 1 less that of the intervals. */
const level = 0.05;

/**
 * Compares every pair of models, the later in the list (a) with the earlier (b), by every figure.
 *
 * Two methods have to agree. The corrected resampled t looks at the folds: it sees the training rows change, but has few
 * values. The bootstrap, clustered by artist, looks at many songs, but at the models as fitted. The interval reported
 * reaches from the lower to the higher end of both, and p is the larger: each method alone would be at least as sure. With
 * a single fold there is the bootstrap alone. Of two equal models, 5 folds show a difference less than once in 100 times, a
 * single fold 5 times (simulated; 20 to 200 artists).
 *
 * The verdict is `better` or `worse` where the interval excludes 0 and the corrected p is below 0.05; all else is `no
 * difference shown`, which is not to say that there is none. Figures compared side by side are not corrected for one
 * another: name the one that decides before looking.
 * Throws: RangeError when the models have not the same folds, or values that are not finite.
 */
export function compareModels(models: readonly ModelPredictions[], options: ResamplingOptions): Comparison[] {
  const pairs = models.flatMap((_, a) => Array.from({ length: a }, (_, b) => [a, b] as const));
  const { clusters, models: resampled } = resampleFigures(models, options);
  return options.metrics.flatMap((metric) => {
    const found = pairs.map(([a, b]) => ({
      a: models[a].name,
      b: models[b].name,
      metric,
      ...comparePair(metric, {
        a: models[a].folds,
        b: models[b].folds,
        resampledA: resampled[a][metric],
        resampledB: resampled[b][metric],
        clusters,
      }),
    }));
    const corrected = correctHolm(found.map(({ rawP }) => rawP ?? 1));
    return found.map(({ a, b, rawP, superiority, resampledT, bootstrap, ...estimate }, i): Comparison => {
      const p = rawP === null ? null : corrected[i];
      const verdict = judge({ ...estimate, p });
      return { a, b, ...estimate, p, verdict, rawP, superiority, resampledT, bootstrap };
    });
  });
}

/**
 * The word for a difference: `better` or `worse` where the interval excludes 0 and the corrected p is below 0.05, else `no
 * difference shown`.
 */
export function judge({ metric, low, high, p }: Pick<Comparison, 'metric' | 'low' | 'high' | 'p'>): ComparisonVerdict {
  if (low === null || high === null || p === null || p >= level || (low <= 0 && high >= 0))
    return 'no difference shown';
  return low > 0 === (comparedMetrics[metric].better === 'higher') ? 'better' : 'worse';
}

interface Pair {
  readonly a: readonly FoldPredictions[];
  readonly b: readonly FoldPredictions[];
  readonly resampledA: ResampledFigure;
  readonly resampledB: ResampledFigure;
  readonly clusters: number;
}

function comparePair(metric: ComparedMetric, { a, b, resampledA, resampledB, clusters }: Pair) {
  const { better } = comparedMetrics[metric];
  const difference =
    resampledA.value === null || resampledB.value === null ? null : subtract(resampledA.value, resampledB.value);
  const differences = subtractAll(resampledA.resampled, resampledB.resampled);
  const bootstrap =
    difference === null || !differences ? null : estimateFromResamples(difference, differences, clusters);
  const resampledT = testByFolds(metric, a, b);
  // A figure that is undefined in some fold has no interval: the folds left out might be those that differ.
  const complete = bootstrap && (resampledT || a.length === 1);
  const estimates = complete ? [bootstrap, resampledT].filter((estimate) => estimate !== null) : [];
  return {
    difference,
    low: complete ? Math.min(...estimates.map(({ low }) => low)) : null,
    high: complete ? Math.max(...estimates.map(({ high }) => high)) : null,
    rawP: complete ? Math.max(...estimates.map(({ p }) => p)) : null,
    superiority: { resamples: bootstrap && differences && shareBetter(differences, better), rows: shareOfRows(a, b) },
    resampledT,
    bootstrap,
  };
}

function subtractAll(a: Float64Array | null, b: Float64Array | null): Float64Array | null {
  return a && b && a.map((value, i) => subtract(value, b[i]));
}

/** Null for a single fold, or where the figure is undefined in one. */
function testByFolds(
  metric: ComparedMetric,
  a: readonly FoldPredictions[],
  b: readonly FoldPredictions[],
): DifferenceEstimate | null {
  const differences = subtractAll(figuresByFold(metric, a), figuresByFold(metric, b));
  const ratios = Float64Array.from(a, ({ rows, trainCount }) => rows.length / trainCount);
  return differences && correctedResampledT(differences, average(ratios));
}

function figuresByFold(metric: ComparedMetric, folds: readonly FoldPredictions[]): Float64Array | null {
  const { contribute, figure } = comparedMetrics[metric];
  const figures = folds.map(({ actual, predicted }) => {
    let sum = 0;
    for (let i = 0; i < actual.length; i++) sum += contribute(predicted[i] - actual[i]);
    return figure(sum, actual.length, sumSquaredDeviations(actual));
  });
  return figures.some((value) => value === null) ? null : Float64Array.from(figures as number[]);
}

/** Share of held-out rows, over all repeats, for which a is nearer than b. */
function shareOfRows(a: readonly FoldPredictions[], b: readonly FoldPredictions[]): number {
  let nearer = 0;
  let rows = 0;
  a.forEach(({ actual, predicted }, fold) => {
    const other = b[fold].predicted;
    const differences = actual.map((value, i) => subtract(Math.abs(predicted[i] - value), Math.abs(other[i] - value)));
    nearer += shareBetter(differences, 'lower') * actual.length;
    rows += actual.length;
  });
  return nearer / rows;
}
