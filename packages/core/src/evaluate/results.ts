import { z } from 'zod';
import type { ModelSummaries } from '../compare/summariseModels.ts';
import { intervalFiguresSchema } from '../intervals/measureIntervals.ts';
import type { HitMetrics, HitOptions } from '../metrics/classification.ts';
import { metricsSchema } from '../metrics/metrics.ts';
import type { RankingMetrics } from '../metrics/ranking.ts';
import { epochSchema } from '../models/regressor.ts';
import type { Omission } from '../parts.ts';
import type { FeatureName } from '../tracks/schema.ts';
import type { Split } from '../tracks/split.ts';
import type { Rows, Source } from '../tracks/tracks.ts';

/** What one model reached under a split: the same for the same seed. */
export const modelFiguresSchema = z
  .object({
    name: z.string(),
    train: metricsSchema,
    test: metricsSchema,
    /** Empty for models that are not iterative. */
    history: z.array(epochSchema).readonly(),
  })
  .readonly();
export type ModelFigures = z.infer<typeof modelFiguresSchema>;

/** One model's outcome under a split. */
export interface ModelResult extends ModelFigures {
  /** Wall time of the fit; NaN where it was not kept. */
  readonly seconds: number;
}

/** A model's predictions on the held-out rows. */
export interface TestPredictions {
  readonly name: string;
  readonly predicted: Float64Array;
}

/** All that the report shows of one training run. */
export interface TrainingOutcome {
  readonly run: string;
  readonly data: {
    readonly source: Source;
    readonly rows: number;
    readonly rejected: number;
    /** Features of which no row has a value: models do not use them. */
    readonly unknown: readonly FeatureName[];
  };
  readonly split: Split;
  /** Inputs of models beside audio: `artist`, `era`. */
  readonly context: readonly string[];
  readonly models: readonly ModelResult[];
  /** The held-out rows, and the popularity of each. */
  readonly testRows: Rows;
  readonly testActual: Float64Array;
  readonly predictions: readonly TestPredictions[];
  /** The models' test errors with intervals, and every pair of them compared, song by song. */
  readonly standings: ModelSummaries;
  /** Predictions as calls of hits; empty where the cut-off leaves no hits, or nothing else. */
  readonly hits: readonly ModelHits[];
  /** Coverage of the intervals of some of the models; empty where none were made. */
  readonly intervals: readonly ModelIntervals[];
  /** Parts of the evaluation that failed. */
  readonly omitted: readonly Omission[];
}

/** One model as a classifier: by its predicted popularity, or by a probability. */
export interface ModelHits {
  readonly name: string;
  readonly scale: HitOptions['scale'];
  /** (rows), in the order of the held-out rows. */
  readonly scores: Float64Array;
  readonly metrics: HitMetrics;
  readonly ranking: RankingMetrics;
}

/** What is measured of the intervals around one model's predictions of the held-out rows. */
export const modelIntervalsSchema = z
  .object({
    name: z.string(),
    figures: intervalFiguresSchema,
  })
  .readonly();
export type ModelIntervals = z.infer<typeof modelIntervalsSchema>;
