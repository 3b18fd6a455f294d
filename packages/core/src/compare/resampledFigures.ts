import { average } from '../statistics/moments.ts';
import type { Groups } from '../tracks/repeats.ts';
import { estimateWithin, resampleSums } from './bootstrap.ts';
import { type ComparedMetric, comparedMetrics } from './comparedMetrics.ts';
import type { Estimate } from './estimates.ts';
import { checkPaired, type ModelPredictions } from './foldPredictions.ts';

export interface ResamplingOptions<Metric extends ComparedMetric = ComparedMetric> {
  readonly metrics: readonly Metric[];
  /**
   * Rows of one number are drawn together, for every row of the table of songs: those of one artist, and those of one
   * recording (`joinGroups(groupRecordings(tracks), groupArtists(tracks))`).
   */
  readonly clusters: Groups;
  readonly seed: number;
  /** How many resamples; 2,000 where left out. */
  readonly resamples?: number;
}

/** A figure over all held-out rows, and over each resample of them; null where undefined, or undefined in a resample. */
export interface ResampledFigure {
  readonly value: number | null;
  readonly resampled: Float64Array | null;
}

/** Figures of models on the same resamples, and the numbers of rows and of clusters these are made of. */
export interface ResampledFigures<Metric extends ComparedMetric> {
  readonly rows: number;
  readonly clusters: number;
  /** In the order of the models. */
  readonly models: readonly Readonly<Record<Metric, ResampledFigure>>[];
}

/** What every cluster adds: its rows, then the deviations of their actual values, then those squared. */
const sharedColumns = 3;

/**
 * Figures of each model over the rows it was held to, and over resamples of whole clusters of these rows.
 *
 * A row held out several times, in several repeats, counts once, with the mean of what it adds to each sum.
 * Throws: RangeError when the models have not the same folds, or values that are not finite.
 */
export function resampleFigures<Metric extends ComparedMetric>(
  models: readonly ModelPredictions[],
  { metrics, clusters, seed, resamples = 2000 }: ResamplingOptions<Metric>,
): ResampledFigures<Metric> {
  checkPaired(models);
  // Several figures rest on one sum.
  const contributions = [...new Set(metrics.map((metric) => comparedMetrics[metric].contribute))];
  const width = sharedColumns + models.length * contributions.length;
  const table = tabulate(models, contributions, clusters);
  const whole = new Float64Array(width);
  for (let i = 0; i < table.length; i++) whole[i % width] += table[i];
  const sums = resampleSums(table, width, { resamples, seed });

  const read = (metric: Metric, model: number): ResampledFigure => {
    const { contribute, figure } = comparedMetrics[metric];
    const column = sharedColumns + model * contributions.length + contributions.indexOf(contribute);
    const readAt = (from: Float64Array, base: number) =>
      figure(from[base + column], from[base], squaredDeviations(from, base));
    const value = readAt(whole, 0);
    const resampled = new Float64Array(resamples);
    for (let i = 0; i < resamples; i++) {
      const found = readAt(sums, i * width);
      if (found === null) return { value, resampled: null };
      resampled[i] = found;
    }
    return { value, resampled };
  };
  return {
    rows: whole[0],
    clusters: table.length / width,
    models: models.map(
      (_, model) =>
        Object.fromEntries(metrics.map((metric) => [metric, read(metric, model)])) as Record<Metric, ResampledFigure>,
    ),
  };
}

/** Squared deviations from the resample's own mean, from those from the mean of all; 0 where only rounding is left. */
function squaredDeviations(sums: Float64Array, base: number): number {
  const squares = sums[base + 2];
  const rest = squares - sums[base + 1] ** 2 / sums[base];
  return rest > 1e-12 * squares ? rest : 0;
}

/**
 * Adds up the rows of every cluster.
 * Shapes: (clusters, 3 + models × contributions), row-major; clusters in the order in which their rows come.
 */
function tabulate(
  models: readonly ModelPredictions[],
  contributions: readonly ((error: number) => number)[],
  clusters: Groups,
): Float64Array {
  const { folds } = models[0];
  const timesHeldOut = new Map<number, number>();
  const actualOf = new Map<number, number>();
  for (const { rows, actual } of folds) {
    rows.forEach((row, i) => {
      timesHeldOut.set(row, (timesHeldOut.get(row) ?? 0) + 1);
      actualOf.set(row, actual[i]);
    });
  }
  const placeOf = new Map<number, number>();
  for (const row of timesHeldOut.keys()) {
    if (row >= clusters.length) {
      throw new RangeError(`comparison: clusters must name a cluster for row ${row}, got ${clusters.length} rows`);
    }
    if (!placeOf.has(clusters[row])) placeOf.set(clusters[row], placeOf.size);
  }
  const width = sharedColumns + models.length * contributions.length;
  const table = new Float64Array(placeOf.size * width);
  const baseOf = (row: number) => (placeOf.get(clusters[row]) as number) * width;

  const center = average(Float64Array.from(actualOf.values()));
  for (const [row, actual] of actualOf) {
    const base = baseOf(row);
    table[base] += 1;
    table[base + 1] += actual - center;
    table[base + 2] += (actual - center) ** 2;
  }
  models.forEach((model, m) => {
    for (const { rows, actual, predicted } of model.folds) {
      rows.forEach((row, i) => {
        const base = baseOf(row) + sharedColumns + m * contributions.length;
        const weight = 1 / (timesHeldOut.get(row) as number);
        contributions.forEach((contribute, c) => {
          table[base + c] += weight * contribute(predicted[i] - actual[i]);
        });
      });
    }
  });
  return table;
}

/**
 * Each model's figures with their 95 % intervals, from the same resamples as those of `compareModels`; null where a figure
 * is undefined, or all rows are of one cluster.
 *
 * The intervals stay where figures can lie, and that of the RMSE is the root of that of the MSE. They hold for the models as
 * fitted and other songs (of other artists, where clusters are artists); how figures move with the training rows they do
 * not show. Intervals of two models may overlap although one is shown to be better: compare by `compareModels`.
 * Throws: RangeError as `resampleFigures`.
 */
export function estimateFigures<Metric extends ComparedMetric>(
  models: readonly ModelPredictions[],
  options: ResamplingOptions<Metric>,
): Readonly<Record<Metric, Estimate | null>>[] {
  const { models: found, ...counts } = resampleFigures(models, options);
  return found.map((figures) => {
    const entries = options.metrics.map((metric) => {
      const { value, resampled } = figures[metric];
      const { range } = comparedMetrics[metric];
      return [metric, value === null || !resampled ? null : estimateWithin(range, value, resampled, counts)];
    });
    return Object.fromEntries(entries) as Record<Metric, Estimate | null>;
  });
}
