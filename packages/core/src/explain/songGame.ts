import { ConfigError } from '../errors.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { average } from '../statistics/moments.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import {
  joinTables,
  mixSongs,
  type PredictedSongs,
  predictAll,
  type SongPart,
  sampleRows,
  takeSongs,
} from './alterTracks.ts';
import type { Factor } from './factors.ts';

/** The songs against which one is explained: training rows. Made once for a model. */
export interface Background extends PredictedSongs {
  /** Mean prediction, in points: where every explanation begins. */
  readonly mean: number;
}

/** Songs of the training rows against which a song is explained. */
const backgroundSongs = 200;

/** The rows of a background: 200 of the training rows, by chance. */
export function chooseBackground(train: Rows, seed: number): Rows {
  return sampleRows(train, backgroundSongs, seed, 'background');
}

/** Throws: RangeError for no rows; ConfigError as `takeSongs`. */
export function makeBackground(fitted: FittedRegressor, tracks: Tracks, rows: Rows): Background {
  const songs = takeSongs(fitted, tracks, rows);
  return { ...songs, mean: average(songs.predicted) };
}

/** Which of a song's factors stand in another song. */
export interface Coalition {
  /** Index into the background. */
  readonly among: number;
  /** (factors): whether the factor is the explained song's. */
  readonly members: readonly boolean[];
}

/**
 * A song as a cooperative game, of which Shapley values are the solution: the players are the song's factors, and the worth of
 * a coalition is the prediction for a song of the background that has these factors from the explained song.
 */
export interface SongGame {
  readonly factors: readonly Factor[];
  readonly background: Background;
  readonly prediction: number;
  /** Predictions for mixed songs, in points; all at once is fastest. */
  play(coalitions: readonly Coalition[]): Float64Array;
}

/** Shapley values of a game and what they cost. Shapes: (factors). */
export interface GameValues {
  readonly contributions: Float64Array;
  readonly standardErrors: Float64Array;
  readonly predictions: number;
}

/** Background songs by which the factors are checked to be all of a model's inputs. */
const probes = 32;

/**
 * Throws: ConfigError when the model has inputs that no factor names, as contributions could not sum to the difference of
 * the predictions; and as `takeSongs`.
 */
export function makeSongGame(
  fitted: FittedRegressor,
  tracks: Tracks,
  row: number,
  background: Background,
  factors: readonly Factor[],
): SongGame {
  const song = takeSongs(fitted, tracks, Uint32Array.of(row));
  // The song is row 0, the background begins in row 1.
  const table = joinTables(song.tracks, background.tracks);
  const play = (coalitions: readonly Coalition[]): Float64Array => {
    const base = Uint32Array.from(coalitions, ({ among }) => among + 1);
    const moved = new Map<SongPart, Rows>();
    factors.forEach(({ parts }, f) => {
      const rows = base.map((own, i) => (coalitions[i].members[f] ? 0 : own));
      for (const part of parts) moved.set(part, rows);
    });
    return predictAll(fitted, mixSongs(table, base, moved));
  };
  const everyone = factors.map(() => true);
  const probed = Array.from({ length: Math.min(probes, background.tracks.count) }, (_, among) => ({
    among,
    members: everyone,
  }));
  const [prediction] = song.predicted;
  if (play(probed).some((value) => value !== prediction)) {
    const names = factors.map(({ name }) => name).join(', ');
    throw new ConfigError('factors', `must name all inputs of "${fitted.name}", got ${names}`);
  }
  return { factors, background, prediction, play };
}
