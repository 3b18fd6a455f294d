import { randomStream } from '@hitscan/mamba';
import { z } from 'zod';
import { artistKey, titleKey } from '../tracks/nameKeys.ts';
import { groupRecordings } from '../tracks/repeats.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { fitGroupEffects, type GroupEffects, groupEffectsSchema, withoutGroups } from './shrunkenMeans.ts';

/** One recording of one artist among the training rows, repeats taken together. */
export interface ArtistSong {
  /** Index into `artists`. */
  readonly artist: number;
  /** Mean over its rows. */
  readonly popularity: number;
  /** Songs of one fold are left out together. */
  readonly fold: number;
  /** By what it is known again: its track ids and titles. */
  readonly keys: readonly string[];
}

/** The artists' songs in the training rows; plain data. */
export interface ArtistMeans {
  /** Variances between and within artists, and the mean for an artist of whom nothing is known. */
  readonly effects: GroupEffects;
  /** Names as keys (see `artistKey`). */
  readonly artists: readonly string[];
  readonly songs: readonly ArtistSong[];
}

export const artistMeansSchema: z.ZodType<ArtistMeans> = z
  .object({
    effects: groupEffectsSchema,
    artists: z.array(z.string()),
    songs: z.array(
      z.object({ artist: z.int().min(0), popularity: z.number(), fold: z.int().min(0), keys: z.array(z.string()) }),
    ),
  })
  .refine(({ artists, songs }) => songs.every(({ artist }) => artist < artists.length), {
    path: ['songs'],
    message: 'must be of artists that are listed',
  });

/** At most two. */
function keysOf({ trackId, title }: Tracks, row: number): string[] {
  const keys: string[] = [];
  if (trackId[row]) keys.push(`id ${trackId[row]}`);
  const name = titleKey(title[row]);
  if (name) keys.push(`title ${name}`);
  return keys;
}

export interface ArtistOptions {
  /** Folds by which songs are left out; null to leave out each recording alone. */
  readonly folds: number | null;
  /** Of the folds. */
  readonly seed: number;
}

/** Collects the songs of the given rows: the training rows. Rows without an artist or a popularity say nothing. */
export function fitArtistMeans(tracks: Tracks, rows: Rows, { folds, seed }: ArtistOptions): ArtistMeans {
  const { values, missing } = tracks.popularity;
  const recordings = groupRecordings(tracks);
  const artists = new Map<string, number>();
  const songs = new Map<string, { artist: number; recording: number; sum: number; count: number; keys: Set<string> }>();
  const known = rows.filter((row) => !missing[row]);
  for (const row of known) {
    const name = artistKey(tracks.artist[row]);
    if (!name) continue;
    const artist = artists.get(name) ?? artists.size;
    artists.set(name, artist);
    const recording = recordings[row];
    const key = `${artist} ${recording}`;
    const song = songs.get(key) ?? { artist, recording, sum: 0, count: 0, keys: new Set<string>() };
    song.sum += values[row];
    song.count++;
    for (const songKey of keysOf(tracks, row)) song.keys.add(songKey);
    songs.set(key, song);
  }
  const listed = [...songs.values()];
  const means = listed.map((song) => song.sum / song.count);
  const order = Uint32Array.from(new Set(listed.map(({ recording }) => recording)));
  randomStream(seed, 'artist folds').shuffle(order);
  const foldOf = new Map(Array.from(order, (recording, i) => [recording, folds === null ? i : i % folds]));
  const ofArtists = listed.map(({ artist }) => artist);
  return {
    effects:
      listed.length > 0 ? fitGroupEffects(ofArtists, means) : withoutGroups(Array.from(known, (row) => values[row])),
    artists: [...artists.keys()],
    songs: listed.map(({ artist, recording, keys }, i) => ({
      artist,
      popularity: means[i],
      fold: foldOf.get(recording) ?? 0,
      keys: [...keys],
    })),
  };
}

/**
 * Of the artist of each row: sum and number of the popularities of their songs in the training rows, without the row's
 * own recording and without the songs of its fold. A song is known again by track id or title, in any table; a row
 * that is no training row misses nothing.
 * Shapes: sums and counts (rows), in the rows' order.
 */
export function sumOtherSongs(
  { artists, songs }: ArtistMeans,
  tracks: Tracks,
  rows: Rows,
): { readonly sums: Float64Array; readonly counts: Float64Array } {
  const artistIndex = new Map(artists.map((name, i) => [name, i]));
  const songsOf: ArtistSong[][] = artists.map(() => []);
  // Rows that share a key with one artist are one recording, and so one song.
  const foldOf = new Map<string, number>();
  for (const song of songs) {
    songsOf[song.artist].push(song);
    for (const key of song.keys) foldOf.set(`${song.artist} ${key}`, song.fold);
  }
  const sums = new Float64Array(rows.length);
  const counts = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const artist = artistIndex.get(artistKey(tracks.artist[row]));
    if (artist === undefined) return;
    const [fold, another] = keysOf(tracks, row).map((key) => foldOf.get(`${artist} ${key}`));
    for (const song of songsOf[artist]) {
      if (song.fold === fold || song.fold === another) continue;
      sums[i] += song.popularity;
      counts[i]++;
    }
  });
  return { sums, counts };
}
