import { z } from 'zod';
import { comparisonReference } from '../compare/comparisonPlan.ts';
import type { EvaluatedModel } from '../evaluate/holdout.ts';
import { type LearningCurveFigures, learningCurveFiguresSchema, measureLearning } from '../evaluate/learning.ts';
import type { TestPredictions } from '../evaluate/results.ts';
import { canExplain } from '../explain/alterTracks.ts';
import { explainRun, type RunExplanation, runExplanationSchema } from '../explain/explainRun.ts';
import { createRegressor, type ModelSettings } from '../models/catalogue.ts';
import { logisticClassifier } from '../models/logistic.ts';
import { joinRows } from '../models/trainingRows.ts';
import { type ModelName, presetModel } from '../optionNames.ts';
import { omissionSchema, type Parts } from '../parts.ts';
import { groupCatalogues } from '../tracks/repeats.ts';
import { yieldToEvents } from '../yieldToEvents.ts';
import type { Environment } from './events.ts';
import type { ModelStore } from './modelStore.ts';
import type { PreparedRun } from './preparedRun.ts';
import { makeAgain } from './runFiles.ts';

/** With what anything is found out about a run's models after they are fitted. */
export interface FindingOptions {
  readonly settings: ModelSettings;
  readonly store: ModelStore;
  readonly parts: Parts;
  readonly environment: Environment;
}

/** What a run says beyond its figures. */
export const insightSchema = z
  .object({
    /** Null where the run's own model is not among its models, or cannot be explained. */
    explanation: runExplanationSchema.nullable(),
    learning: z.array(learningCurveFiguresSchema).readonly(),
  })
  .readonly();
export type Insight = z.infer<typeof insightSchema>;

/** As it is kept in a run, with what was left out of it; runs of before anything could be left out do not say so. */
const keptInsightSchema = z
  .object({ ...insightSchema.unwrap().shape, omitted: z.array(omissionSchema).readonly().exactOptional() })
  .readonly();
type KeptInsight = z.infer<typeof keptInsightSchema>;

const resultFile = 'insight.json';

/** Models whose learning curves are drawn, where they take part. */
const learningCurveModels: readonly string[] = [comparisonReference, 'forest'];

/** Probabilities of being a hit, by logistic regression; none where all training songs are hits, or none is. */
export async function predictHits({ songs, split, record }: PreparedRun): Promise<TestPredictions[]> {
  const { cutoff, seed, context } = record.config;
  const { train, validation, test } = split;
  const { values } = songs.tracks.popularity;
  const hits = joinRows(train, validation).filter((row) => values[row] >= cutoff).length;
  if (hits === 0 || hits === train.length + validation.length) return [];
  const fitted = await logisticClassifier(context).fit(songs.tracks, { train, validation, cutoff, seed });
  return [{ name: 'logistic', predicted: fitted.predictProbability(songs.tracks, test) }];
}

/**
 * Explains the run's own model on held-out songs, and fits models on parts of the training songs. What was found before an
 * interruption is kept. Throws `signal.reason` when interrupted.
 */
export async function gainInsight(
  prepared: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  options: FindingOptions,
): Promise<Insight> {
  const { files, record } = prepared;
  const { config } = record;
  const { parts } = options;
  if (files.has(resultFile)) {
    const { omitted = [], ...insight } = files.readJson(resultFile, keptInsightSchema, makeAgain);
    for (const { part, reason } of omitted) parts.leaveOut(part, reason);
    return insight;
  }
  if (config.explain === 0) return { explanation: null, learning: [] };
  const before = parts.omitted.length;
  const explanation = await explainOwn(prepared, evaluated, options);
  const learning = await learnAnew(prepared, evaluated, options);
  const insight = { explanation, learning };
  files.writeJson(resultFile, { ...insight, omitted: parts.omitted.slice(before) } satisfies KeptInsight);
  return insight;
}

/** Explains the run's own model, where it can be. Throws `signal.reason` when interrupted. */
async function explainOwn(
  { record: { config }, songs: { tracks }, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { parts, environment: { signal, onEvent } }: FindingOptions,
): Promise<RunExplanation | null> {
  const own = presetModel(config.preset);
  const model = evaluated.find(({ result }) => result.name === own);
  if (!model) return null;
  if (!canExplain(tracks, config.context)) {
    parts.leaveOut(`explanation of ${own}`, 'it is told the era by places in the file, and no changed song has one');
    return null;
  }
  const { context, seed, explain: songs } = config;
  const train = joinRows(split.train, split.validation);
  return parts.attemptLater(`explanation of ${own}`, null, async () => {
    const options = { context, clusters: groupCatalogues(tracks), seed, songs, parts };
    const work = explainRun(model.fitted, tracks, { test: split.test, train }, options);
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      onEvent({ kind: 'explanation', what: own, share: 0.5, step: step.value });
      await yieldToEvents();
      if (signal.aborted) throw signal.reason;
    }
  });
}

/** Fits some of the models on parts of the training songs. Throws `signal.reason` when interrupted. */
async function learnAnew(
  { record: { config }, timings, songs: { tracks }, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { settings, parts, environment: { signal, onEvent } }: FindingOptions,
): Promise<LearningCurveFigures[]> {
  const own = presetModel(config.preset);
  const regressors = evaluated
    .map(({ result }) => result.name)
    .filter((name) => learningCurveModels.includes(name) || name === own)
    .map((name) => createRegressor(name as ModelName, settings, config.context));
  return measureLearning(tracks, split, regressors, {
    seed: config.seed,
    clusters: groupCatalogues(tracks),
    threads: timings.threads,
    signal,
    parts,
    whole: new Map(
      evaluated.map(({ result, predicted }) => [result.name, Float64Array.from(split.test, (row) => predicted[row])]),
    ),
    onStart: (model, rows) => onEvent({ kind: 'learning', model, rows }),
  });
}
