import { z } from 'zod';
import { DataError } from '../errors.ts';
import { featureNames, listFeatures, type Schema } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import { type ArtistMeans, artistMeansSchema, fitArtistMeans, sumOtherSongs } from './artistMeans.ts';
import { type EraEncoder, encodeEra, eraSchema, fitEra } from './era.ts';
import { shrinkMean } from './shrunkenMeans.ts';

/** What is known of a song beside its audio: its artist's other songs, and its time. */
export const contextGroups = ['artist', 'era'] as const;
export type ContextGroup = (typeof contextGroups)[number];

/**
 * Folds of the training songs. What a model is told of a training row's artist comes from the songs of the other folds.
 * Were only the row's own song left out, the column would fall as the row's popularity rises, and trees, which can tell
 * artists apart by their number of songs, would read it backwards: on the seed's data forest and boosting then reach
 * R² 0.364 and 0.365 with both groups, instead of 0.368 and 0.368; 3 or 5 folds are no better than 10.
 */
const artistFolds = 10;

/** Which columns a model is given: the features, and how context becomes columns. Plain data. A group that is not used is null. */
export interface ContextEncoder {
  /** In order. Left out where they are Spotify's 13, as in all models of 0.1.0. */
  readonly features?: readonly string[];
  readonly artist: ArtistMeans | null;
  readonly era: EraEncoder | null;
}

export const contextSchema: z.ZodType<ContextEncoder> = z.object({
  features: z.array(z.string()).min(1).readonly().exactOptional(),
  artist: artistMeansSchema.nullable(),
  era: eraSchema.nullable(),
});

/** Of Spotify's features. */
export const noContext: ContextEncoder = { artist: null, era: null };

/** For a table of any schema: its features alone. */
export function withoutContext(schema: Schema): ContextEncoder {
  const features = listFeatures(schema);
  return features.join() === featureNames.join() ? noContext : { features, ...noContext };
}

/** The groups whose columns an encoder adds. */
export function listGroups(encoder: ContextEncoder): readonly ContextGroup[] {
  return contextGroups.filter((group) => encoder[group] !== null);
}

/** Throws: DataError where the artist is asked for and no row of the table names one. */
export function checkContext(tracks: Tracks, groups: readonly ContextGroup[]): void {
  if (groups.includes('artist') && tracks.artist.every((name) => name === ''))
    throw new DataError(tracks.source.name, 'must name artists (artist_name) for the context of an artist, got none');
}

/**
 * Fits on the given rows only: the training rows. `seed` deals their songs to folds.
 * Throws: DataError where the artist is asked for and no row of the table names one.
 */
export function fitContext(tracks: Tracks, rows: Rows, groups: readonly ContextGroup[], seed: number): ContextEncoder {
  checkContext(tracks, groups);
  return {
    ...withoutContext(tracks.schema),
    artist: groups.includes('artist') ? fitArtistMeans(tracks, rows, { folds: artistFolds, seed }) : null,
    era: groups.includes('era') ? fitEra(tracks) : null,
  };
}

function nameEra({ kind }: EraEncoder): string {
  return kind === 'year' ? 'release_year' : 'file_block';
}

/** The columns that context adds, in order. None of them is audio. */
export function nameContext({ artist, era }: ContextEncoder): string[] {
  return [...(artist ? ['artist_mean', 'artist_songs'] : []), ...(era ? [nameEra(era)] : [])];
}

/**
 * The columns that a model is given, by name: the features, then those of the context.
 *
 * `artist_mean` is the mean popularity of the artist's other training songs, shrunken, and that of all for an artist
 * without any; `artist_songs` is log(1 + their number). For `release_year` and `file_block` see `encodeEra`.
 * Shape: (tracks) each; those of the context are missing outside the given rows.
 * Throws: DataError for a table that lacks one of the features.
 */
export function gatherInputs(encoder: ContextEncoder, tracks: Tracks, rows: Rows): Readonly<Record<string, Column>> {
  const { artist, era } = encoder;
  const columns: Record<string, Column> = { ...tracks.features };
  const lacking = nameFeatures(encoder).filter((name) => !columns[name]);
  if (lacking.length > 0)
    throw new DataError(tracks.source.name, `must have the model's features, got none named ${lacking.join(', ')}`);
  if (artist) {
    const { sums, counts } = sumOtherSongs(artist, tracks, rows);
    columns.artist_mean = fillRows(tracks.count, rows, (i) => shrinkMean(artist.effects, sums[i], counts[i]));
    columns.artist_songs = fillRows(tracks.count, rows, (i) => Math.log1p(counts[i]));
  }
  if (era) columns[nameEra(era)] = encodeEra(era, tracks, rows);
  return columns;
}

function fillRows(count: number, rows: Rows, read: (i: number) => number): Column {
  const values = new Float64Array(count);
  const missing = new Uint8Array(count).fill(1);
  rows.forEach((row, i) => {
    values[row] = read(i);
    missing[row] = 0;
  });
  return { values, missing };
}

/** The features among the columns, in order. */
export function nameFeatures({ features = featureNames }: ContextEncoder): readonly string[] {
  return features;
}

/** All columns of `gatherInputs`, in order. */
export function nameInputs(encoder: ContextEncoder): string[] {
  return [...nameFeatures(encoder), ...nameContext(encoder)];
}
