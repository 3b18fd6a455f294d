import { average, sumSquaredDeviations } from '../statistics/moments.ts';
import { estimateFromResamples, shareBetter } from './bootstrap.ts';
import { type ComparedMetric, comparedMetrics, subtract } from './comparedMetrics.ts';
import { type ComparisonPlan, type Family, findFamily, planComparisons } from './comparisonPlan.ts';
import { alpha, correctedResampledT, correctHolm, type DifferenceEstimate, stepByHolm } from './estimates.ts';
import type { FoldPredictions, ModelPredictions } from './foldPredictions.ts';
import { type ResampledFigure, type ResamplingOptions, resampleFigures } from './resampledFigures.ts';

/** Whether model a is shown to be better or worse than model b. */
export type ComparisonVerdict = 'better' | 'worse' | 'no difference shown';

/**
 * Fewest clusters of held-out rows from which models are compared. With fewer, standard errors by cluster are too small whenever
 * clusters differ in size (Cameron & Miller 2015, "A practitioner's guide to cluster-robust inference", put the line between
 * 20 and 50), and Student's distribution hides how far a few errors are from normal.
 */
export const fewestClusters = 30;

/** Two models by one figure, on the same rows. Nulls where the figure is undefined, or rows are of too few clusters. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly metric: ComparedMetric;
  /** The figure of a minus that of b, over all held-out rows. */
  readonly difference: number | null;
  /** Ends of the interval: the lower of `resampledT` and `bootstrap`'s low ends, and the higher of their high ends. */
  readonly low: number | null;
  readonly high: number | null;
  /** Level of the interval, at which the difference was tested: 0.95, or as much above as the correction asks for. */
  readonly level: number | null;
  /** `rawP`, corrected by Holm for its family; the primary comparison is alone in its own. */
  readonly p: number | null;
  readonly verdict: ComparisonVerdict;
  readonly family: Family;
  /** The larger p of `resampledT` and `bootstrap`; 1 where these point in opposite directions. */
  readonly rawP: number | null;
  /** How often a is better, equals counting half: in resamples of the songs, and song by song by the size of the error. */
  readonly superiority: { readonly resamples: number | null; readonly rows: number };
  /** By fold: also how the difference moves with the training rows. Null for a single fold. */
  readonly resampledT: DifferenceEstimate | null;
  /** By cluster: how the difference moves with the songs it is measured on. */
  readonly bootstrap: DifferenceEstimate | null;
}

export interface ComparisonOptions extends ResamplingOptions {
  /** That of `planComparisons` where left out. */
  readonly plan?: ComparisonPlan;
}

/**
 * Compares every pair of models, the later in the list (a) with the earlier (b), by every figure.
 *
 * Two methods have to agree. The corrected resampled t looks at the folds: it sees the training rows change, but has few
 * values. The bootstrap, clustered by artist, looks at many songs, but at the models as fitted. The interval reported
 * reaches from the lower to the higher end of both, and p is the larger: each method alone would give at least as small a p. With
 * a single fold there is the bootstrap alone. Of two equal models, 5 folds show a difference less than once in 100 times, a
 * single fold 5 times (simulated; 30 to 200 artists).
 *
 * The plan parts the pairs into families. The primary comparison is tested alone at 95 %; secondary ones are corrected for one
 * another by Holm, and so are exploratory ones, all other pairs, among themselves. The family-wise error
 * rate of each is at most 5 %. Every interval is shown at the level at which its difference was tested (`stepByHolm`), and the verdict is
 * read off it: `better` or `worse` where it excludes 0, else `no difference shown`, which is not to say that there is none.
 * With fewer than 30 clusters there is no verdict. Figures compared side by side are not corrected for one another: name the one
 * that decides before looking.
 * Throws: RangeError when the models have not the same folds, or values that are not finite.
 */
export function compareModels(models: readonly ModelPredictions[], options: ComparisonOptions): Comparison[] {
  const { plan = planComparisons(models.map(({ name }) => name)) } = options;
  const pairs = models.flatMap((_, a) => Array.from({ length: a }, (_, b) => [a, b] as const));
  const { clusters, models: resampled } = resampleFigures(models, options);
  return options.metrics.flatMap((metric) => {
    const found = pairs.map(([a, b]) => ({
      names: { a: models[a].name, b: models[b].name },
      family: findFamily(plan, models[a].name, models[b].name),
      figures: comparePair(metric, {
        a: models[a].folds,
        b: models[b].folds,
        resampledA: resampled[a][metric],
        resampledB: resampled[b][metric],
        clusters,
      }),
    }));
    const tested = new Map(
      [...Map.groupBy(found, ({ family }) => family).values()].flatMap((members) => {
        const results = testFamily(members.map(({ figures }) => figures));
        return members.map((member, i) => [member, results[i]] as const);
      }),
    );
    return found.map((member): Comparison => {
      const { names, family, figures } = member;
      const { rawP, difference, superiority } = figures;
      const { interval, level, p } = tested.get(member) as Tested;
      const { low, high, resampledT, bootstrap } = interval;
      const verdict = judge({ metric, low, high });
      return {
        ...names,
        metric,
        difference,
        low,
        high,
        level,
        p,
        verdict,
        family,
        rawP,
        superiority,
        resampledT,
        bootstrap,
      };
    });
  });
}

/** The verdict for an interval of a difference: `better` or `worse` where it excludes 0, else `no difference shown`. */
export function judge({ metric, low, high }: Pick<Comparison, 'metric' | 'low' | 'high'>): ComparisonVerdict {
  if (low === null || high === null || (low <= 0 && high >= 0)) return 'no difference shown';
  return low > 0 === (comparedMetrics[metric].better === 'higher') ? 'better' : 'worse';
}

interface Tested {
  readonly interval: Interval;
  readonly level: number | null;
  readonly p: number | null;
}

/** Tests the comparisons of one family together. One that has no p counts as any other, since it was named as any other. */
function testFamily(members: readonly PairFigures[]): Tested[] {
  const values = members.map(({ rawP }) => rawP ?? 1);
  const corrected = correctHolm(values);
  const errors = stepByHolm(values, (index, error) => {
    const { low, high } = members[index].intervalAt(error);
    return low !== null && high !== null && (low > 0 || high < 0);
  });
  return members.map(({ rawP, intervalAt }, i) => {
    const known = rawP !== null;
    return { interval: intervalAt(errors[i]), level: known ? 1 - errors[i] : null, p: known ? corrected[i] : null };
  });
}

interface PairPredictions {
  readonly a: readonly FoldPredictions[];
  readonly b: readonly FoldPredictions[];
  readonly resampledA: ResampledFigure;
  readonly resampledB: ResampledFigure;
  readonly clusters: number;
}

type Interval = Pick<Comparison, 'low' | 'high' | 'resampledT' | 'bootstrap'>;

interface PairFigures extends Pick<Comparison, 'difference' | 'rawP' | 'superiority'> {
  /** `error` is 1 less the level. */
  readonly intervalAt: (error: number) => Interval;
}

function comparePair(metric: ComparedMetric, { a, b, resampledA, resampledB, clusters }: PairPredictions): PairFigures {
  const { better } = comparedMetrics[metric];
  const difference =
    resampledA.value === null || resampledB.value === null ? null : subtract(resampledA.value, resampledB.value);
  const differences = subtractAll(resampledA.resampled, resampledB.resampled);
  const few = clusters < fewestClusters;
  const ratio = average(Float64Array.from(a, ({ rows, trainCount }) => rows.length / trainCount));
  const byFold = few ? null : subtractAll(figuresByFold(metric, a), figuresByFold(metric, b));
  const intervalAt = (error: number): Interval => {
    const bootstrap =
      few || difference === null || !differences
        ? null
        : estimateFromResamples(difference, differences, clusters, error);
    const resampledT = byFold && correctedResampledT(byFold, ratio, error);
    // A figure that is undefined in some fold has no interval: the folds left out might be those that differ.
    const complete = bootstrap && (resampledT || a.length === 1);
    const estimates = complete ? [bootstrap, resampledT].filter((estimate) => estimate !== null) : [];
    return {
      low: complete ? Math.min(...estimates.map(({ low }) => low)) : null,
      high: complete ? Math.max(...estimates.map(({ high }) => high)) : null,
      resampledT,
      bootstrap,
    };
  };
  const { low, bootstrap, resampledT } = intervalAt(alpha);
  return {
    difference,
    rawP: low === null ? null : combine([bootstrap, resampledT].filter((estimate) => estimate !== null)),
    superiority: { resamples: bootstrap && differences && shareBetter(differences, better), rows: shareOfRows(a, b) },
    intervalAt,
  };
}

/** The least error at which an interval that holds those of all estimates excludes 0. */
function combine(estimates: readonly DifferenceEstimate[]): number {
  const signs = new Set(estimates.map(({ value }) => Math.sign(value)));
  return signs.size > 1 ? 1 : Math.max(...estimates.map(({ p }) => p));
}

function subtractAll(a: Float64Array | null, b: Float64Array | null): Float64Array | null {
  return a && b && a.map((value, i) => subtract(value, b[i]));
}

/** Null where the figure is undefined in some fold. */
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
