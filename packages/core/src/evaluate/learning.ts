import { z } from 'zod';
import { fewestClusters } from '../compare/comparison.ts';
import type { Estimate } from '../compare/estimates.ts';
import type { ModelPredictions } from '../compare/foldPredictions.ts';
import { estimateFigures } from '../compare/resampledFigures.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { Regressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import type { Parts } from '../parts.ts';
import type { Groups } from '../tracks/repeats.ts';
import { holdOut, type Split } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';

/** A model's error on the same held-out songs after training on so many. */
const learningCurvePointSchema = z
  .object({
    trainRows: z.int().min(0),
    error: z.number(),
    /** Ends of the 95 % interval, songs of a cluster drawn together; null where these are too few. */
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .readonly();
export type LearningCurvePoint = z.infer<typeof learningCurvePointSchema>;

export const learningCurveFiguresSchema = z
  .object({
    name: z.string(),
    points: z.array(learningCurvePointSchema).readonly(),
  })
  .readonly();
export type LearningCurveFigures = z.infer<typeof learningCurveFiguresSchema>;

export interface LearningOptions {
  readonly seed: number;
  readonly clusters: Groups;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** A model that cannot be fitted on fewer songs has no curve. */
  readonly parts: Parts;
  /** What each model predicts for the test rows after training on all. */
  readonly whole: ReadonlyMap<string, Float64Array>;
  onStart?(name: string, trainRows: number): void;
}

/** Parts of the training songs that are learnt from before all of them. */
const shares = [1 / 16, 1 / 8, 1 / 4, 1 / 2] as const;

/** Fewer songs than these say little about any model. */
const fewestRows = 60;

/**
 * Learning curves: each model fitted anew on ever larger parts of the training rows, each part within the next, recordings
 * together, and measured on the test rows by the mean squared error. Throws `signal.reason` when interrupted.
 */
export async function measureLearning(
  tracks: Tracks,
  split: Split,
  regressors: readonly Regressor[],
  { seed, clusters, threads, signal, parts, whole, onStart }: LearningOptions,
): Promise<LearningCurveFigures[]> {
  const all = joinRows(split.train, split.validation);
  const kind = split.kind === 'artist' ? 'artist' : 'random';
  const samples: Uint32Array[] = [];
  let larger = all;
  for (const share of shares.toReversed()) {
    const wanted = (share * all.length) / larger.length;
    const purpose = `learning curve: ${share} of the songs`;
    larger = holdOut(tracks, larger, { kind, share: wanted, seed, purpose }).heldOut;
    if (larger.length >= fewestRows) samples.unshift(larger);
  }
  const none = new Uint32Array(0);
  const actual = actualOf(tracks, split.test);
  const few = new Set(Array.from(split.test, (row) => clusters[row])).size < fewestClusters;
  const learn = async (regressor: Regressor): Promise<LearningCurveFigures> => {
    const { name } = regressor;
    const fits: ModelPredictions[] = [];
    const add = (trainCount: number, predicted: Float64Array) =>
      fits.push({ name, folds: [{ repeat: 0, fold: 0, rows: split.test, trainCount, actual, predicted }] });
    for (const train of samples) {
      onStart?.(name, train.length);
      const fitted = await regressor.fit(tracks, { seed, train, validation: none, threads, signal });
      add(train.length, fitted.predict(tracks, split.test));
    }
    const last = whole.get(name);
    if (last) add(all.length, last);
    const figures = estimateFigures(fits, { metrics: ['mse'], clusters, seed });
    return { name, points: fits.flatMap(({ folds }, i) => toPoint(folds[0].trainCount, figures[i].mse, few)) };
  };
  const curves: LearningCurveFigures[] = [];
  for (const regressor of regressors) {
    const curve = await parts.attemptLater(`learning curve of ${regressor.name}`, null, () => learn(regressor));
    if (curve) curves.push(curve);
  }
  return curves;
}

function toPoint(trainRows: number, estimate: Estimate | null, few: boolean): LearningCurvePoint[] {
  if (!estimate) return [];
  const { value: error, low, high } = estimate;
  return [few ? { trainRows, error, low: null, high: null } : { trainRows, error, low, high }];
}
