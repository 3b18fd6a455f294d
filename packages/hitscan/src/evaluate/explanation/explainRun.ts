import { z } from 'zod';
import type { FittedRegressor } from '../../models/regressor.ts';
import type { Groups } from '../../tracks/repeats.ts';
import type { FeatureName } from '../../tracks/schema.ts';
import type { Rows, Tracks } from '../../tracks/tracks.ts';
import { counterfactualSearchSchema, searchCounterfactual } from './counterfactual.ts';
import { audioFactors, listFactors } from './factors.ts';
import { measureSteps, stepEffectSchema } from './featureSteps.ts';
import { explainByGradients, gradientContributionsSchema } from './integratedGradients.ts';
import { measureDependence, type PartialDependence, partialDependenceSchema } from './partialDependence.ts';
import { measureImportance, permutationImportanceSchema } from './permutationImportance.ts';
import { sampleRows } from './sampleRows.ts';
import { explainByShapley, shapleyValuesSchema } from './shapley.ts';
import { chooseBackground, makeBackground } from './songGame.ts';

/** Why one held-out song is predicted as it is. */
export const explainedSongSchema = z
  .object({
    ...shapleyValuesSchema.unwrap().shape,
    artist: z.string(),
    title: z.string(),
    actual: z.number(),
    /** The same by integrated gradients, from the mean of the background's tokens; null for a model without tokens. */
    gradients: gradientContributionsSchema.nullable(),
    /** What would have to change for the model to predict five points more. */
    counterfactual: counterfactualSearchSchema,
  })
  .readonly();
export type ExplainedSong = z.infer<typeof explainedSongSchema>;

/** What a run's model reads out of the features; plain data. */
export const runExplanationSchema = z
  .object({
    model: z.string(),
    importance: permutationImportanceSchema,
    /** Of the most important features, the most important first. */
    dependence: z.array(partialDependenceSchema).readonly(),
    steps: z.array(stepEffectSchema).readonly(),
    /** The song predicted most popular, the one predicted least, and the one predicted worst. */
    songs: z.array(explainedSongSchema).readonly(),
  })
  .readonly();
export type RunExplanation = z.infer<typeof runExplanationSchema>;

export interface ExplainRunOptions {
  readonly clusters: Groups;
  readonly seed: number;
  /** Held-out songs that are looked at, at most, by chance. */
  readonly songs: number;
}

/** Features whose dependence is drawn. */
const drawnFeatures = 6;
/** Enough for intervals to be as wide as the songs make them. */
const repeats = 5;
const curves = 60;
/** Points that a counterfactual is to be better by. */
const wantedGain = 5;

function* chooseSongs(tracks: Tracks, rows: Rows, predicted: Float64Array): Generator<number> {
  const best = (score: (i: number) => number) => {
    let found = 0;
    for (let i = 1; i < rows.length; i++) if (score(i) > score(found)) found = i;
    return rows[found];
  };
  yield best((i) => predicted[i]);
  yield best((i) => -predicted[i]);
  yield best((i) => Math.abs(predicted[i] - tracks.popularity.values[rows[i]]));
}

/**
 * Explains a run's model on held-out songs. Steps are yielded, so that whoever waits may breathe between them.
 * Throws: ConfigError where a model that is told a place in a file would have to predict songs that have none.
 */
export function* explainRun(
  fitted: FittedRegressor,
  tracks: Tracks,
  { test, train }: { readonly test: Rows; readonly train: Rows },
  { context, clusters, seed, songs }: ExplainRunOptions & { readonly context: readonly string[] },
): Generator<string, RunExplanation> {
  const rows = sampleRows(test, songs, seed, 'explained songs');
  const factors = listFactors(context);
  yield 'importance';
  const importance = measureImportance(fitted, tracks, rows, { clusters, seed, factors, repeats });
  const strongest = importance.factors
    .filter(({ factor }) => audioFactors.some(({ name }) => name === factor))
    .toSorted((a, b) => b.increase.mean - a.increase.mean)
    .slice(0, drawnFeatures)
    .map(({ factor }) => factor as FeatureName);
  const dependence: PartialDependence[] = [];
  for (const feature of strongest) {
    yield `dependence on ${feature}`;
    dependence.push(measureDependence(fitted, tracks, rows, feature, { clusters, seed, songs: curves }));
  }
  yield 'steps';
  const steps = measureSteps(fitted, tracks, rows, { clusters, seed });
  const backgroundRows = chooseBackground(train, seed);
  const background = makeBackground(fitted, tracks, backgroundRows);
  const explained: ExplainedSong[] = [];
  const predicted = fitted.predict(tracks, rows);
  for (const row of new Set(chooseSongs(tracks, rows, predicted))) {
    yield 'songs';
    explained.push({
      artist: tracks.artist[row],
      title: tracks.title[row],
      actual: tracks.popularity.values[row],
      ...explainByShapley(fitted, tracks, row, background, { factors, seed }),
      gradients: fitted.attribute ? explainByGradients(fitted, tracks, row, { tracks, rows: backgroundRows }) : null,
      counterfactual: searchCounterfactual(fitted, tracks, row, {
        gain: wantedGain,
        observed: { tracks, rows: train },
      }),
    });
  }
  return { model: fitted.name, importance, dependence, steps, songs: explained };
}
