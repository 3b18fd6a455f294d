import { type ContextEncoder, type ContextGroup, fitContext, gatherInputs } from '../features/context.ts';
import { applyCalibration, type Calibration } from '../intervals/conformal.ts';
import { makeForecast } from '../intervals/intervals.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { percentileRank } from '../statistics/quantiles.ts';
import { groupRecordings } from '../tracks/repeats.ts';
import type { FeatureName } from '../tracks/schema.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { joinTables, mixSongs, readFeature } from './alterTracks.ts';
import { type CounterfactualSearch, hasChangeableFeature, searchCounterfactual } from './counterfactual.ts';
import { type Factor, listFactors } from './factors.ts';
import { type FeatureSummaries, findLevel, type Level, summariseFeatures } from './featureDistribution.ts';
import { explainByShapley, type ShapleyValues } from './shapley.ts';
import { type Background, chooseBackground, makeBackground } from './songGame.ts';
import { predictWhatIf, type WhatIf } from './whatIf.ts';

/** New values of some features, null for not known. */
export type FeatureValues = Readonly<Partial<Record<FeatureName, number | null>>>;

/** A song's values of a model's inputs beside audio. A group that is none of its inputs is left out. */
export interface ContextInputs {
  /** The artist's other songs among the training songs, and their mean popularity, drawn towards that of all artists. */
  readonly artist?: { readonly songs: number; readonly mean: number };
  /** The year; null where the song has no date. */
  readonly release?: number | null;
}

/** What one factor adds to a song's prediction, beside what it is and what it commonly is. */
export interface SongContribution {
  readonly factor: string;
  /** In points of popularity. */
  readonly contribution: number;
  readonly standardError: number;
  /** Null where not known, and for what is no audio feature. */
  readonly value: number | null;
  /** Of the training songs: the median, or the most frequent category. */
  readonly typical: number | null;
  readonly level: Level;
  /** No training song has such a value. */
  readonly unseen: boolean;
}

/** The interval of one share around a song's prediction. */
export interface SongRange {
  readonly coverage: number;
  readonly low: number;
  readonly high: number;
}

/** What a model predicts for a song, and why; plain data. */
export interface SongExplanation extends Omit<ShapleyValues, 'contributions'> {
  /** The largest first. They sum to prediction − base. */
  readonly contributions: readonly SongContribution[];
  /** Empty where the model has no calibration. */
  readonly ranges: readonly SongRange[];
  /** Percentile rank of the prediction among the popularities of the training songs, 0 to 100. */
  readonly abovePopularities: number;
  /** Percentile rank among the predictions for the held-out songs, 0 to 100. */
  readonly abovePredictions: number;
  readonly told: ContextInputs;
  /** What would have to change for the model to predict more; null where no numeric feature is known. */
  readonly counterfactual: CounterfactualSearch | null;
  /** One for each that was asked. `unseen`: features to which no training song has such a value. */
  readonly whatIfs: readonly (WhatIf & { readonly unseen: readonly FeatureName[] })[];
}

export interface ExplainSongOptions {
  /** Points more that the counterfactual is to be predicted. */
  readonly gain: number;
  /** Each a song like the one explained, but for these values. */
  readonly whatIfs: readonly FeatureValues[];
}

/** Shares of songs that a song's ranges are given for. */
const rangeCoverages = [0.8, 0.9];

/** A model with all that its songs are explained against; made once. */
export interface Explainer {
  readonly fitted: FittedRegressor;
  readonly observed: { readonly tracks: Tracks; readonly rows: Rows };
  readonly factors: readonly Factor[];
  readonly background: Background;
  readonly summaries: FeatureSummaries;
  readonly context: ContextEncoder;
  /** Ascending. */
  readonly popularities: Float64Array;
  readonly predictions: Float64Array;
  readonly calibration: Calibration | null;
  readonly seed: number;
}

/**
 * `train` are the rows that the model was fitted on, `test` others.
 * Throws: ConfigError as `takeSongs`: a model that reads places in a file is not explained.
 */
export function makeExplainer(
  fitted: FittedRegressor,
  tracks: Tracks,
  { train, test }: { readonly train: Rows; readonly test: Rows },
  options: {
    readonly context: readonly ContextGroup[];
    readonly seed: number;
    readonly calibration: Calibration | null;
  },
): Explainer {
  const { context, seed, calibration } = options;
  return {
    fitted,
    observed: { tracks, rows: train },
    factors: listFactors(context),
    background: makeBackground(fitted, tracks, chooseBackground(train, seed)),
    summaries: summariseFeatures(tracks, train),
    context: fitContext(tracks, train, context, seed),
    popularities: actualOf(tracks, train).sort(),
    predictions: fitted.predict(tracks, test).sort(),
    calibration,
    seed,
  };
}

function readContextInputs(encoder: ContextEncoder, tracks: Tracks, row: number): ContextInputs {
  const inputs = gatherInputs(encoder, tracks, Uint32Array.of(row));
  const read = (name: string) => (inputs[name].missing[row] ? null : inputs[name].values[row]);
  const songs = encoder.artist && Math.round(Math.expm1(read('artist_songs') ?? 0));
  return {
    ...(songs !== null && { artist: { songs, mean: read('artist_mean') as number } }),
    ...(encoder.era && { release: read('release_year') }),
  };
}

function describeFactor({ summaries }: Explainer, tracks: Tracks, row: number, factor: string) {
  if (!(factor in summaries)) return { value: null, typical: null, level: null, unseen: false };
  const feature = factor as FeatureName;
  const value = readFeature(tracks, row, feature);
  const { typical, has } = summaries[feature];
  if (value === null) return { value, typical, level: null, unseen: false };
  return { value, typical, level: findLevel(summaries[feature], value), unseen: !has(value) };
}

function findRanges({ fitted, calibration }: Explainer, tracks: Tracks, row: number): SongRange[] {
  if (!calibration) return [];
  const forecast = makeForecast(fitted, tracks, Uint32Array.of(row));
  return rangeCoverages.map((coverage) => {
    const { low, high } = applyCalibration(calibration, forecast, coverage);
    return { coverage, low: low[0], high: high[0] };
  });
}

/**
 * Explains the prediction of one song of any table. Steps are yielded, so that the caller can yield to events between them.
 * Throws: ConfigError for a what-if's value out of its feature's range, and as `takeSongs`.
 */
export function* explainSong(
  explainer: Explainer,
  tracks: Tracks,
  row: number,
  { gain, whatIfs }: ExplainSongOptions,
): Generator<string, SongExplanation> {
  const { fitted, background, factors, summaries, seed, observed } = explainer;
  yield 'contributions';
  const shapley = explainByShapley(fitted, tracks, row, background, { factors, seed });
  yield 'what would have to change';
  const changeable = hasChangeableFeature(tracks, row);
  return {
    ...shapley,
    contributions: shapley.contributions
      .map((contribution) => ({ ...contribution, ...describeFactor(explainer, tracks, row, contribution.factor) }))
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    ranges: findRanges(explainer, tracks, row),
    abovePopularities: percentileRank(explainer.popularities, shapley.prediction),
    abovePredictions: percentileRank(explainer.predictions, shapley.prediction),
    told: readContextInputs(explainer.context, tracks, row),
    counterfactual: changeable ? searchCounterfactual(fitted, tracks, row, { gain, observed }) : null,
    whatIfs: whatIfs.map((changes) => {
      const found = predictWhatIf(fitted, tracks, row, changes);
      const unseen = found.changes.filter(({ feature, to }) => to !== null && !summaries[feature].has(to));
      return { ...found, unseen: unseen.map(({ feature }) => feature) };
    }),
  };
}

/** Whether each of some songs is one that a model was fitted on: the same recording as one of its training rows. */
export function findTrained({ observed }: Explainer, tracks: Tracks, rows: Rows): boolean[] {
  const groups = groupRecordings(joinTables(mixSongs(tracks, rows), observed.tracks));
  const trained = new Set(Array.from(observed.rows, (row) => groups[rows.length + row]));
  return Array.from(rows, (_, i) => trained.has(groups[i]));
}

/** A song of a file, explained. */
export interface SongEntry extends SongExplanation {
  /** 1-based row in the file; the header is row 1. */
  readonly row: number;
  readonly artist: string;
  readonly title: string;
  /** As the file has it; null where it has none. */
  readonly actual: number | null;
  /** Whether the model was fitted on this very recording. */
  readonly trained: boolean;
}

interface SongSource {
  readonly source: string;
  readonly synthetic: boolean;
  readonly sha256: string;
}

/** The document of `hitscan explain --json`: an interface, see docs/architecture.md. */
export interface ExplainedSongs {
  readonly run: string;
  readonly model: string;
  /** What the model was trained on. */
  readonly data: SongSource & { readonly trainingSongs: number };
  /** Where the songs come from. */
  readonly file: SongSource & { readonly rows: number; readonly rejected: number };
  readonly context: readonly string[];
  /** On the run's held-out songs. */
  readonly test: { readonly mae: number; readonly r2: number | null };
  /** Songs from which the ranges were made; null where the model keeps no calibration. */
  readonly calibrationSongs: number | null;
  /** Points that counterfactuals were to gain. */
  readonly gain: number;
  readonly songs: readonly SongEntry[];
}
