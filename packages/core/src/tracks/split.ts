import { randomStream } from '@hitscan/mamba';
import { DataError } from '../errors.ts';
import { describeRepeats, firstRows, type Groups, groupCatalogues, groupRecordings } from './repeats.ts';
import type { Rows, Tracks } from './tracks.ts';

export const splitKinds = ['random', 'artist', 'time'] as const;
export type SplitKind = (typeof splitKinds)[number];

/** Which rows train, which are watched for early stopping, which are held out to the end. No recording is in two parts. */
export interface Split {
  readonly kind: SplitKind;
  readonly seed: number;
  readonly train: Rows;
  readonly validation: Rows;
  readonly test: Rows;
  /** One sentence for people: what was kept together, and by what the order was told. */
  readonly note: string;
}

export interface SplitOptions {
  readonly kind: SplitKind;
  readonly seed: number;
  /** Share of the rows held out to the end. Default 0.2. */
  readonly testShare?: number;
  /** Share of the rows that are left for training. Default 0.15. */
  readonly validationShare?: number;
}

/** Rows with a release date that a table needs for its dates, rather than its order, to tell the time. */
const datedShare = 0.95;

interface Parts {
  readonly taken: Rows;
  readonly rest: Rows;
}

/** The share of the rows as a count of at least one. */
function countOf(share: number, rows: number): number {
  return Math.max(1, Math.round(share * rows));
}

/** Takes whole groups in random order until `target` rows are as near as one more group could bring it. */
function takeGroups(rows: Rows, groups: Groups, target: number, seed: number, purpose: string): Parts {
  const sizes = new Map<number, number>();
  for (const row of rows) sizes.set(groups[row], (sizes.get(groups[row]) ?? 0) + 1);
  const order = Uint32Array.from(sizes.keys());
  randomStream(seed, purpose).shuffle(order);
  const chosen = new Set<number>();
  let count = 0;
  for (const group of order) {
    const size = sizes.get(group) ?? 0;
    // A group that would leave the count further off than it is now is passed over, as long as smaller ones may come.
    if (Math.abs(count + size - target) >= Math.abs(count - target)) continue;
    chosen.add(group);
    count += size;
  }
  return { taken: rows.filter((row) => chosen.has(groups[row])), rest: rows.filter((row) => !chosen.has(groups[row])) };
}

/**
 * Parts rows in two at random, whole recordings together and for `artist` whole artists. `purpose` names the draw.
 * The share is met as nearly as groups allow; `heldOut` may be empty where there are very few.
 */
export function holdOut(
  tracks: Tracks,
  rows: Rows,
  { kind, share, seed, purpose }: { kind: 'random' | 'artist'; share: number; seed: number; purpose: string },
): { readonly train: Rows; readonly heldOut: Rows } {
  const { taken, rest } = takeGroups(rows, groupFor(tracks, kind), countOf(share, rows.length), seed, purpose);
  return { train: rest, heldOut: taken };
}

/** What may not be parted: recordings, and for `artist` all that an artist has recorded. */
function groupFor(tracks: Tracks, kind: SplitKind): Groups {
  return kind === 'artist' ? groupCatalogues(tracks) : groupRecordings(tracks);
}

/** Whether enough rows have a release date for the dates, rather than the rows' order, to tell the time. */
export function hasReleaseDates({ count, releaseDate }: Tracks): boolean {
  return releaseDate !== undefined && releaseDate.filter((date) => date !== '').length >= datedShare * count;
}

/** Given rows from the newest to the oldest, those without a date left out, and how that was told. */
export function orderByTime(tracks: Tracks, rows: Rows): { order: Rows; note: string } {
  const { releaseDate } = tracks;
  if (releaseDate && hasReleaseDates(tracks)) {
    const dated = rows.filter((row) => releaseDate[row] !== '');
    // Dates of any precision compare as text: 1999 < 1999-05 < 1999-05-17. Equal ones stay in file order.
    const order = dated.sort((a, b) =>
      releaseDate[a] === releaseDate[b] ? 0 : releaseDate[a] < releaseDate[b] ? 1 : -1,
    );
    return { order, note: 'by release date' };
  }
  return {
    order: rows,
    note: 'by row order, the first row taken as the newest, since the table has too few release dates',
  };
}

/** Holds out the newest rows: no training row is newer than the cut. */
function takeNewest(tracks: Tracks, rows: Rows, target: number): Parts & { note: string } {
  const { order, note } = orderByTime(tracks, rows);
  const newest = new Set(order.slice(0, target));
  return { taken: rows.filter((row) => newest.has(row)), rest: rows.filter((row) => !newest.has(row)), note };
}

function percent(part: Rows, whole: number): string {
  return `${((100 * part.length) / whole).toFixed(1)} %`;
}

/**
 * Splits a table into training, validation and test rows; the same seed gives the same split.
 *
 * A recording counts once, by its first row (see `firstRows`): its repeats are in no part. `random` holds out random
 * recordings, `artist` whole artists, `time` the newest. The shares are met as nearly as groups allow.
 * Throws: DataError when the table has too few groups for three parts, or for `artist` no artists.
 */
export function splitTracks(
  tracks: Tracks,
  { kind, seed, testShare = 0.2, validationShare = 0.15 }: SplitOptions,
): Split {
  const { source } = tracks;
  if (kind === 'artist' && tracks.artist.every((name) => name === '')) {
    throw new DataError(
      source.name,
      'must name artists (artist_name) for an artist split, got none; use a random split',
    );
  }
  const groups = groupFor(tracks, kind);
  const rows = firstRows(tracks);
  const heldOut =
    kind === 'time'
      ? takeNewest(tracks, rows, countOf(testShare, rows.length))
      : takeGroups(rows, groups, countOf(testShare, rows.length), seed, `split: ${kind} test`);
  const target = countOf(validationShare, heldOut.rest.length);
  const watched = takeGroups(heldOut.rest, groups, target, seed, `split: ${kind} validation`);
  const parts = { train: watched.rest, validation: watched.taken, test: heldOut.taken };
  for (const [part, { length }] of Object.entries(parts)) {
    if (length > 0) continue;
    const what = kind === 'artist' ? 'artists' : 'songs';
    const distinct = new Set(groups).size;
    const rule = `must have enough different ${what} for three parts`;
    throw new DataError(source.name, `${rule}, got ${distinct} in ${tracks.count} rows and no ${part} rows`);
  }
  const shares = `${percent(parts.test, rows.length)} of the songs`;
  const notes: Record<SplitKind, string> = {
    random: `Held out at random: ${shares}.`,
    artist: `Held out by artist: ${shares}; all songs of an artist are in one part.`,
    time: `Held out as the newest, told ${'note' in heldOut ? heldOut.note : ''}: ${shares}; the validation rows are a random part of the older ones.`,
  };
  return { kind, seed, ...parts, note: `${notes[kind]} ${describeRepeats(tracks, rows)}` };
}
