import { setImmediate as breathe } from 'node:timers/promises';
import type { EvaluatedModel, TestPredictions } from '@hitscan/core/evaluate';
import { type LearningCurveFigures, learningCurveFiguresSchema, measureLearning } from '@hitscan/core/evaluate';
import { explainRun, type RunExplanation, runExplanationSchema } from '@hitscan/core/explain';
import { createRegressor, joinRows, logisticClassifier, type ModelSettings } from '@hitscan/core/models';
import type { ModelName } from '@hitscan/core/optionNames';
import { omissionSchema, type Parts } from '@hitscan/core/parts';
import type { Tracks } from '@hitscan/core/tracks';
import { groupCatalogues, hasReleaseDates } from '@hitscan/core/tracks';
import { z } from 'zod';
import { makeAgain } from '../runs/readRunFile.ts';
import type { PreparedRun } from './preparedRun.ts';
import type { Reporter } from './progress.ts';

/** With what anything is found out about a run's models after they are fitted. */
export interface FindingOptions {
  readonly settings: ModelSettings;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly parts: Parts;
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
const learners: readonly string[] = ['linear', 'forest'];

/** Probabilities of being a hit, by logistic regression; none where all training songs are hits, or none is. */
export async function predictHits({ loaded, split, record }: PreparedRun): Promise<TestPredictions[]> {
  const { cutoff, seed, context } = record.config;
  const { train, validation, test } = split;
  const { values } = loaded.tracks.popularity;
  const hits = joinRows(train, validation).filter((row) => values[row] >= cutoff).length;
  if (hits === 0 || hits === train.length + validation.length) return [];
  const fitted = await logisticClassifier(context).fit(loaded.tracks, { train, validation, cutoff, seed });
  return [{ name: 'logistic', predicted: fitted.predictProbability(loaded.tracks, test) }];
}

/** A place in a file cannot be given to a song that is made up, so what is told the era by it is not explained. */
export function canExplain(tracks: Tracks, context: readonly string[]): boolean {
  return !context.includes('era') || hasReleaseDates(tracks);
}

/**
 * Explains the run's own model on held-out songs, and fits models on parts of the training songs. What was found before an
 * interruption is kept. Throws `signal.reason` when interrupted.
 */
export async function gainInsight(
  prepared: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { settings, reporter, signal, parts }: FindingOptions,
): Promise<Insight> {
  const { directory, record } = prepared;
  const { config } = record;
  if (directory.has(resultFile)) {
    const { omitted = [], ...insight } = directory.readJson(resultFile, keptInsightSchema, makeAgain);
    for (const { part, reason } of omitted) parts.leaveOut(part, reason);
    return insight;
  }
  if (config.explain === 0) return { explanation: null, learning: [] };
  const before = parts.omitted.length;
  const explanation = await explainOwn(prepared, evaluated, { settings, reporter, signal, parts });
  const learning = await learnAnew(prepared, evaluated, { settings, reporter, signal, parts });
  const insight = { explanation, learning };
  directory.writeJson(resultFile, { ...insight, omitted: parts.omitted.slice(before) } satisfies KeptInsight);
  return insight;
}

/** Explains the run's own model, where it can be. Throws `signal.reason` when interrupted. */
async function explainOwn(
  { record: { config }, loaded: { tracks }, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { reporter, signal, parts }: FindingOptions,
): Promise<RunExplanation | null> {
  const own = `mamba-${config.preset}`;
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
      reporter.draw({ place: `explaining ${own}`, share: 0.5, rest: step.value });
      await breathe();
      if (signal.aborted) throw signal.reason;
    }
  });
}

/** Fits some of the models on parts of the training songs. Throws `signal.reason` when interrupted. */
async function learnAnew(
  { record: { config }, timings, loaded: { tracks }, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { settings, reporter, signal, parts }: FindingOptions,
): Promise<LearningCurveFigures[]> {
  const own = `mamba-${config.preset}`;
  const regressors = evaluated
    .map(({ result }) => result.name)
    .filter((name) => learners.includes(name) || name === own)
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
    onStart: (name, rows) => reporter.draw({ place: 'learning curves', share: 0.5, rest: `${name} on ${rows} songs` }),
  });
}
