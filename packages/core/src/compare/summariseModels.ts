import { type Metrics, measure } from '../metrics/metrics.ts';
import { average } from '../statistics/moments.ts';
import type { Groups } from '../tracks/repeats.ts';
import type { ComparedMetric } from './comparedMetrics.ts';
import { type Comparison, compareModels, fewestClusters } from './comparison.ts';
import { type PlanOptions, planComparisons } from './comparisonPlan.ts';
import type { Estimate } from './estimates.ts';
import type { FoldPredictions, ModelPredictions } from './foldPredictions.ts';
import { estimateFigures } from './resampledFigures.ts';

/** A figure with its 95 % interval; `mean` is the figure over all rows held out. */
export interface Figure {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What one model reached under a protocol. */
export interface ModelSummary {
  readonly name: string;
  /** Null where a figure is undefined. */
  readonly mse: Figure | null;
  readonly rmse: Figure | null;
  readonly mae: Figure | null;
  readonly r2: Figure | null;
  readonly within5: Figure | null;
  readonly within10: Figure | null;
  /** Mean over folds of every figure, without an interval; null where one is undefined in some fold. */
  readonly overFolds: { readonly [Name in keyof Metrics]: number | null };
  /** Mean squared error of each fold, in the order of the protocol. */
  readonly foldErrors: readonly number[];
  /** R² of each fold, against the mean of its own rows. */
  readonly foldR2: readonly (number | null)[];
}

/** What was held out, and how much of it is independent. */
export interface HeldOut {
  /** Each once, however often it was held out. */
  readonly songs: number;
  /** Of these, how many have an artist's name. */
  readonly named: number;
  /** Groups of songs that are drawn together: those of an artist where they are named, else single songs. */
  readonly clusters: number;
}

/** All results of a comparison of models. */
export interface ModelSummaries {
  readonly heldOut: HeldOut;
  /** The model that the others are compared with; empty where there is none. */
  readonly reference: string;
  readonly models: readonly ModelSummary[];
  readonly comparisons: readonly Comparison[];
}

/** Of models that could not be compared. */
export const noSummaries: ModelSummaries = {
  heldOut: { songs: 0, named: 0, clusters: 0 },
  reference: '',
  models: [],
  comparisons: [],
};

const estimated = ['mse', 'rmse', 'mae', 'r2', 'within5', 'within10'] as const satisfies readonly ComparedMetric[];

function averageFolds(folds: readonly FoldPredictions[]): ModelSummary['overFolds'] {
  const measured = folds.map(({ actual, predicted }) => measure(actual, predicted));
  const names = Object.keys(measured[0]) as (keyof Metrics)[];
  const entries = names.map((name) => {
    const values = measured.map((figures) => figures[name]);
    return [name, values.includes(null) ? null : average(Float64Array.from(values as number[]))];
  });
  return Object.fromEntries(entries);
}

const toFigure = (estimate: Estimate | null): Figure | null =>
  estimate && { mean: estimate.value, low: estimate.low, high: estimate.high };

export interface SummaryOptions extends PlanOptions {
  readonly clusters: Groups;
  /** Of every row of the table, empty where it is not known; where left out, none is known. */
  readonly artists?: readonly string[];
  readonly seed: number;
}

/**
 * Measures models on the rows that folds held out, and compares every pair of them by its mean squared error: the figure that
 * decides. Intervals are those of `estimateFigures` and `compareModels`, the plan that of `planComparisons`.
 * Throws: RangeError when the models have not the same folds.
 */
export function summariseModels(
  models: readonly ModelPredictions[],
  { clusters, artists, seed, ...planned }: SummaryOptions,
): ModelSummaries {
  const plan = planComparisons(
    models.map(({ name }) => name),
    planned,
  );
  const { reference } = plan;
  const rows = new Set(models.at(0)?.folds.flatMap((fold) => [...fold.rows]));
  const heldOut = {
    songs: rows.size,
    named: [...rows].filter((row) => artists?.[row]).length,
    clusters: new Set([...rows].map((row) => clusters[row])).size,
  };
  if (models.length === 0) return { heldOut, reference, models: [], comparisons: [] };
  const figures = estimateFigures(models, { metrics: estimated, clusters, seed });
  return {
    heldOut,
    reference,
    models: models.map(({ name, folds }, i) => {
      const { mse, rmse, mae, r2, within5, within10 } = figures[i];
      return {
        name,
        mse: toFigure(mse),
        rmse: toFigure(rmse),
        mae: toFigure(mae),
        r2: toFigure(r2),
        within5: toFigure(within5),
        within10: toFigure(within10),
        overFolds: averageFolds(folds),
        foldErrors: folds.map(({ actual, predicted }) => measure(actual, predicted).mse),
        foldR2: folds.map(({ actual, predicted }) => measure(actual, predicted).r2),
      };
    }),
    comparisons: compareModels(models, { metrics: ['mse'], clusters, seed, plan }),
  };
}

/** Whether too few clusters were held out to say which model is better. */
export function holdsTooFew({ clusters }: HeldOut): boolean {
  return clusters < fewestClusters;
}

/** Two models compared, in the order asked for. */
export type Difference = Pick<Comparison, 'difference' | 'low' | 'high' | 'level' | 'p' | 'verdict' | 'family'>;

/** A model against the reference, whichever of the two was compared with the other. */
export function findComparison({ comparisons }: ModelSummaries, name: string, reference: string): Difference | null {
  const found = comparisons.find(({ a, b, metric }) => metric === 'mse' && a === name && b === reference);
  if (found) return found;
  const turned = comparisons.find(({ a, b, metric }) => metric === 'mse' && a === reference && b === name);
  if (!turned) return null;
  const negate = (value: number | null) => value && -value;
  const words = { better: 'worse', worse: 'better', 'no difference shown': 'no difference shown' } as const;
  return {
    difference: negate(turned.difference),
    low: negate(turned.high),
    high: negate(turned.low),
    level: turned.level,
    p: turned.p,
    verdict: words[turned.verdict],
    family: turned.family,
  };
}
