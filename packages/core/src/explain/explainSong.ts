import { type ContextEncoder, type ContextGroup, fitContext, gatherInputs } from '../features/context.ts';
import { applyCalibration, type Calibration } from '../intervals/conformal.ts';
import { makeForecast } from '../intervals/intervals.ts';
import { actualOf } from '../metrics/actual.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { groupRecordings } from '../tracks/repeats.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { joinTables, mixSongs, readFeature } from './alterTracks.ts';
import { type CounterfactualSearch, isAnythingToChange, searchCounterfactual } from './counterfactual.ts';
import { type Factor, listFactors } from './factors.ts';
import { explainByShapley, type ShapleyValues } from './shapley.ts';
import { type Background, chooseBackground, makeBackground } from './songGame.ts';
import { findLevel, findUsual, type Level, type UsualFeatures } from './usualValues.ts';
import { predictWhatIf, type WhatIf } from './whatIf.ts';

/** New values of some features, null for not known. */
export type FeatureValues = Readonly<Record<string, number | null>>;

/** What a model is told of a song that is not audio. A group that it is not told is left out. */
export interface Told {
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
  /** Shares of 100 training songs that are less popular than this one is predicted to be; equal ones count half. */
  readonly abovePopularities: number;
  /** Shares of 100 predictions for held-out songs, which the model had not seen, that are lower. */
  readonly abovePredictions: number;
  readonly told: Told;
  /** What would have to change for the model to predict more; null where no numeric feature is known. */
  readonly counterfactual: CounterfactualSearch | null;
  /** One for each that was asked. `unseen`: features to which no training song has such a value. */
  readonly whatIfs: readonly (WhatIf & { readonly unseen: readonly string[] })[];
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
  readonly usual: UsualFeatures;
  readonly context: ContextEncoder;
  /** Ascending. */
  readonly popularities: Float64Array;
  readonly predictions: Float64Array;
  readonly calibration: Calibration | null;
  readonly seed: number;
}

/**
 * `train` are the rows that the model was fitted on, `test` others.
 * Throws: ConfigError as `takeSongs`: a model that is told places in a file is not explained.
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
    factors: listFactors(tracks.schema, context),
    background: makeBackground(fitted, tracks, chooseBackground(train, seed)),
    usual: findUsual(tracks, train),
    context: fitContext(tracks, train, context, seed),
    popularities: actualOf(tracks, train).sort(),
    predictions: fitted.predict(tracks, test).sort(),
    calibration,
    seed,
  };
}

/** The share of sorted values that are less than a value, in percent; equal ones count half. */
function standAmong(sorted: Float64Array, value: number): number {
  const below = sorted.filter((other) => other < value).length;
  const equal = sorted.filter((other) => other === value).length;
  return (100 * (below + equal / 2)) / sorted.length;
}

function tell(encoder: ContextEncoder, tracks: Tracks, row: number): Told {
  const inputs = gatherInputs(encoder, tracks, Uint32Array.of(row));
  const read = (name: string) => (inputs[name].missing[row] ? null : inputs[name].values[row]);
  const songs = encoder.artist && Math.round(Math.expm1(read('artist_songs') ?? 0));
  return {
    ...(songs !== null && { artist: { songs, mean: read('artist_mean') as number } }),
    ...(encoder.era && { release: read('release_year') }),
  };
}

function describeFactor({ usual }: Explainer, tracks: Tracks, row: number, factor: string) {
  if (!(factor in usual)) return { value: null, typical: null, level: null, unseen: false };
  const value = readFeature(tracks, row, factor);
  const { typical, has } = usual[factor];
  if (value === null) return { value, typical, level: null, unseen: false };
  return { value, typical, level: findLevel(usual[factor], value), unseen: !has(value) };
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
 * Explains the prediction of one song of any table. Steps are yielded, so that whoever waits may breathe between them.
 * Throws: ConfigError for a what-if's value out of its feature's range, and as `takeSongs`.
 */
export function* explainSong(
  explainer: Explainer,
  tracks: Tracks,
  row: number,
  { gain, whatIfs }: ExplainSongOptions,
): Generator<string, SongExplanation> {
  const { fitted, background, factors, usual, seed, observed } = explainer;
  yield 'contributions';
  const shapley = explainByShapley(fitted, tracks, row, background, { factors, seed });
  yield 'what would have to change';
  const changeable = isAnythingToChange(tracks, row);
  return {
    ...shapley,
    contributions: shapley.contributions
      .map((contribution) => ({ ...contribution, ...describeFactor(explainer, tracks, row, contribution.factor) }))
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
    ranges: findRanges(explainer, tracks, row),
    abovePopularities: standAmong(explainer.popularities, shapley.prediction),
    abovePredictions: standAmong(explainer.predictions, shapley.prediction),
    told: tell(explainer.context, tracks, row),
    counterfactual: changeable ? searchCounterfactual(fitted, tracks, row, { gain, observed }) : null,
    whatIfs: whatIfs.map((changes) => {
      const found = predictWhatIf(fitted, tracks, row, changes);
      const unseen = found.changes.filter(({ feature, to }) => to !== null && !usual[feature].has(to));
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
