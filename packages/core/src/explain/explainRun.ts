import { z } from 'zod';
import type { FittedRegressor } from '../models/regressor.ts';
import type { Parts } from '../parts.ts';
import { listUnknown } from '../tracks/learnable.ts';
import type { Groups } from '../tracks/repeats.ts';
import { type FeatureName, featureNames } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { sampleRows } from './alterTracks.ts';
import { counterfactualSearchSchema, hasChangeableFeature, searchCounterfactual } from './counterfactual.ts';
import { audioFactors, listFactors } from './factors.ts';
import { countValues } from './featureDistribution.ts';
import { measureSteps, stepEffectSchema } from './featureSteps.ts';
import { explainByGradients, gradientContributionsSchema } from './integratedGradients.ts';
import { measureDependence, type PartialDependence, partialDependenceSchema } from './partialDependence.ts';
import { measureImportance, type PermutationImportance, permutationImportanceSchema } from './permutationImportance.ts';
import { explainByShapley, shapleyValuesSchema } from './shapley.ts';
import { chooseBackground, makeBackground } from './songGame.ts';

/** Why one held-out song is predicted as it is. */
const explainedSongSchema = z
  .object({
    ...shapleyValuesSchema.unwrap().shape,
    artist: z.string(),
    title: z.string(),
    actual: z.number(),
    /** The same by integrated gradients, from the mean of the background's tokens; null for a model without tokens. */
    gradients: gradientContributionsSchema.nullable(),
    /** What would have to change for the model to predict five points more; null where no numeric feature is known. */
    counterfactual: counterfactualSearchSchema.nullable(),
  })
  .readonly();
export type ExplainedSong = z.infer<typeof explainedSongSchema>;

/** A feature with a single value among the songs examined, or none: dependence on it cannot be measured. */
const fixedFeatureSchema = z
  .object({
    feature: z.enum(featureNames),
    /** Null where not known. */
    value: z.number().nullable(),
  })
  .readonly();
export type FixedFeature = z.infer<typeof fixedFeatureSchema>;

/** What a run's model reads out of the features; plain data. */
export const runExplanationSchema = z
  .object({
    model: z.string(),
    /** Held-out songs that were looked at; not there in runs of 0.1.0's beginning. */
    rows: z.int().min(0).exactOptional(),
    /** Null where it could not be measured. */
    importance: permutationImportanceSchema.nullable(),
    /** Of the most important features, the most important first. */
    dependence: z.array(partialDependenceSchema).readonly(),
    /** Features that have no dependence; not there in runs of before any was left out. */
    fixed: z.array(fixedFeatureSchema).readonly().exactOptional(),
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
  readonly parts: Parts;
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
 * Explains a run's model on held-out songs. Steps are yielded, so that the caller can yield to events between them. Features that
 * no row of the table knows have no part in it.
 * Throws: ConfigError where a model that reads places in a file would have to predict altered songs (see `canExplain`).
 */
export function* explainRun(
  fitted: FittedRegressor,
  tracks: Tracks,
  { test, train }: { readonly test: Rows; readonly train: Rows },
  { context, clusters, seed, songs, parts }: ExplainRunOptions & { readonly context: readonly string[] },
): Generator<string, RunExplanation> {
  const rows = sampleRows(test, songs, seed, 'explained songs');
  const unknown = new Set<string>(listUnknown(tracks));
  const factors = listFactors(context).filter(({ name }) => !unknown.has(name));
  const fixed = findFixed(tracks, rows);
  yield 'importance';
  const importance = parts.attempt('importance of features', null, () =>
    measureImportance(fitted, tracks, rows, { clusters, seed, factors, repeats }),
  );
  const dependence: PartialDependence[] = [];
  for (const feature of findStrongest(importance, fixed)) {
    yield `dependence on ${feature}`;
    const found = parts.attempt(`dependence on ${feature}`, null, () =>
      measureDependence(fitted, tracks, rows, feature, { clusters, seed, songs: curves }),
    );
    if (found) dependence.push(found);
  }
  yield 'steps';
  const steps = parts.attempt('steps of features', [], () => measureSteps(fitted, tracks, rows, { clusters, seed }));
  const backgroundRows = chooseBackground(train, seed);
  const background = makeBackground(fitted, tracks, backgroundRows);
  const explained: ExplainedSong[] = [];
  const predicted = fitted.predict(tracks, rows);
  for (const row of new Set(chooseSongs(tracks, rows, predicted))) {
    yield 'songs';
    const found = parts.attempt(`explanation of the song in row ${tracks.fileRow[row]}`, null, () => ({
      artist: tracks.artist[row],
      title: tracks.title[row],
      actual: tracks.popularity.values[row],
      ...explainByShapley(fitted, tracks, row, background, { factors, seed }),
      gradients: fitted.attribute ? explainByGradients(fitted, tracks, row, { tracks, rows: backgroundRows }) : null,
      counterfactual: hasChangeableFeature(tracks, row)
        ? searchCounterfactual(fitted, tracks, row, { gain: wantedGain, observed: { tracks, rows: train } })
        : null,
    }));
    if (found) explained.push(found);
  }
  return { model: fitted.name, rows: rows.length, importance, dependence, fixed, steps, songs: explained };
}

/** Features that some row of the table knows, of which the given rows have one value or none. */
function findFixed(tracks: Tracks, rows: Rows): FixedFeature[] {
  const unknown = new Set(listUnknown(tracks));
  return featureNames
    .filter((name) => !unknown.has(name))
    .flatMap((feature): FixedFeature[] => {
      const values = [...countValues(tracks.features[feature], rows).keys()];
      return values.length > 1 ? [] : [{ feature, value: values[0] ?? null }];
    });
}

/** The features whose dependence is drawn: of those that are not fixed the most important. */
function findStrongest(importance: PermutationImportance | null, fixed: readonly FixedFeature[]): FeatureName[] {
  const increase = new Map(importance?.factors.map(({ factor, increase }) => [factor, increase.mean]));
  return audioFactors
    .map(({ name }) => name as FeatureName)
    .filter((name) => increase.has(name) && !fixed.some(({ feature }) => feature === name))
    .toSorted((a, b) => (increase.get(b) ?? 0) - (increase.get(a) ?? 0))
    .slice(0, drawnFeatures);
}
