import { z } from 'zod';
import type { FittedRegressor } from '../models/regressor.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { audioFactors, type Factor } from './factors.ts';
import { sampleShapley } from './shapleySampled.ts';
import { type Background, type Coalition, type GameValues, makeSongGame, type SongGame } from './songGame.ts';

export interface ShapleyOptions {
  /** All of the model's inputs; the audio features where left out. */
  readonly factors?: readonly Factor[];
  readonly seed: number;
  /** Largest standard error wanted, in points; 0.05 where left out. */
  readonly precision?: number;
  /** Predictions at most; 24,000 where left out, two or three seconds of `mamba-tokens` on one thread. */
  readonly predictions?: number;
}

const contributionSchema = z
  .object({
    factor: z.string(),
    /** In points of popularity. */
    contribution: z.number(),
    /** Of the sampling: how far the exact value for this background may lie. 0 where all coalitions were played. */
    standardError: z.number(),
  })
  .readonly();

/** Why a song is predicted as it is. */
export const shapleyValuesSchema = z
  .object({
    prediction: z.number(),
    /** Mean prediction of the background. `prediction − base` is the sum of the contributions, but for rounding. */
    base: z.number(),
    /** `exact`: all coalitions of factors with all songs of the background. `sampled`: some of both. */
    method: z.enum(['exact', 'sampled']),
    /** Songs of the background. */
    background: z.int().min(0),
    /** Predictions that it took. */
    predictions: z.int().min(0),
    /** In the order of the factors given. */
    contributions: z.array(contributionSchema).readonly(),
  })
  .readonly();
export type ShapleyValues = z.infer<typeof shapleyValuesSchema>;

/**
 * Shapley values of one song's prediction: what each factor adds, averaged over all orders in which the song's factors may
 * replace those of a song of the background (interventional, or marginal, values).
 *
 * Exact where 2^factors · background predictions are allowed, else sampled until every standard error is as wanted or the
 * predictions are used up. Contributions say what the model does with its inputs; not what would happen to a song.
 * Accuracy: contributions sum to prediction − base within 1e-9. Predictions are taken as the model gives them, clipped or not.
 * Source: Shapley 1953; Štrumbelj & Kononenko 2014; Janzing, Minorics & Blöbaum 2020 for interventional values.
 * Throws: ConfigError when the factors are not all of the model's inputs, and as `takeSongs`.
 */
export function explainByShapley(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  background: Background,
  { factors = audioFactors, seed, precision = 0.05, predictions = 24_000 }: ShapleyOptions,
): ShapleyValues {
  const game = makeSongGame(fitted, tracks, row, background, factors);
  const songs = background.tracks.count;
  const exact = 2 ** factors.length * songs <= predictions;
  const found = exact ? enumerateShapley(game) : sampleShapley(game, { seed, precision, predictions });
  return {
    prediction: game.prediction,
    base: background.mean,
    method: exact ? 'exact' : 'sampled',
    background: songs,
    predictions: found.predictions,
    contributions: factors.map(({ name }, f) => ({
      factor: name,
      contribution: found.contributions[f],
      standardError: found.standardErrors[f],
    })),
  };
}

/**
 * Shapley values by all 2^factors coalitions in all songs of the background: with v(S) the mean prediction of songs that have
 * the factors S from the explained song, `φ_j = Σ |S|!·(n − |S| − 1)! / n! · (v(S ∪ j) − v(S))` over all S without j.
 */
function enumerateShapley({ factors, background, play }: SongGame): GameValues {
  const count = factors.length;
  const coalitions = 2 ** count;
  const songs = background.tracks.count;
  const values = new Float64Array(coalitions);
  const isMember = (coalition: number, factor: number) => ((coalition >> factor) & 1) === 1;
  for (let among = 0; among < songs; among++) {
    const played = Array.from({ length: coalitions }, (_, coalition): Coalition => {
      return { among, members: factors.map((_, f) => isMember(coalition, f)) };
    });
    play(played).forEach((value, coalition) => {
      values[coalition] += value / songs;
    });
  }

  // By size of S: 1 / (n · (n − 1 over |S|)).
  const weights = [1 / count];
  for (let size = 1; size < count; size++) weights.push((weights[size - 1] * size) / (count - size));
  const contributions = new Float64Array(count);
  for (let coalition = 0; coalition < coalitions; coalition++) {
    const size = factors.filter((_, f) => isMember(coalition, f)).length;
    for (let f = 0; f < count; f++) {
      if (isMember(coalition, f)) continue;
      contributions[f] += weights[size] * (values[coalition | (1 << f)] - values[coalition]);
    }
  }
  return { contributions, standardErrors: new Float64Array(count), predictions: coalitions * songs };
}
