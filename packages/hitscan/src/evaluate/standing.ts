import type { Groups } from '../tracks/repeats.ts';
import type { ComparedMetric } from './comparedMetrics.ts';
import { type Comparison, compareModels } from './comparison.ts';
import type { Estimate } from './estimates.ts';
import type { FoldPredictions, ModelPredictions } from './foldPredictions.ts';
import type { Metrics } from './metrics.ts';
import { measure } from './metrics.ts';
import { average } from './moments.ts';
import { estimateFigures } from './resampledFigures.ts';

/** A figure with its 95 % interval; `mean` is the figure over all rows held out. */
export interface Figure {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What one model reached under a protocol. */
export interface Standing {
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

/** All that a contest says. */
export interface Standings {
  readonly models: readonly Standing[];
  readonly comparisons: readonly Comparison[];
}

/** Of models that could not be held against each other. */
export const noStandings: Standings = { models: [], comparisons: [] };

const estimated = ['mse', 'rmse', 'mae', 'r2', 'within5', 'within10'] as const satisfies readonly ComparedMetric[];

function averageFolds(folds: readonly FoldPredictions[]): Standing['overFolds'] {
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

/**
 * Measures models on the rows that folds held out, and compares every pair of them by its mean squared error: the figure that
 * decides. Intervals are those of `estimateFigures` and `compareModels`.
 * Throws: RangeError when the models have not the same folds.
 */
export function rankModels(
  models: readonly ModelPredictions[],
  { clusters, seed }: { readonly clusters: Groups; readonly seed: number },
): Standings {
  if (models.length === 0) return { models: [], comparisons: [] };
  const figures = estimateFigures(models, { metrics: estimated, clusters, seed });
  return {
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
    comparisons: compareModels(models, { metrics: ['mse'], clusters, seed }),
  };
}

/** The model that all others are held against, where it takes part; else the first. */
export function findReference({ models }: Standings): string {
  return models.some(({ name }) => name === 'linear') ? 'linear' : models[0].name;
}

/** A model against the reference, whichever of the two was compared with the other. */
export function findComparison(
  { comparisons }: Standings,
  name: string,
  reference: string,
): Pick<Comparison, 'difference' | 'low' | 'high' | 'p' | 'verdict'> | null {
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
    p: turned.p,
    verdict: words[turned.verdict],
  };
}
