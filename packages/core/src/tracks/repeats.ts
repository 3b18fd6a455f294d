import { workAtOnce } from '../yieldToEvents.ts';
import { createKeyColumn, type Groups, settle, singletons, unite } from './groups.ts';
import { artistKey } from './nameKeys.ts';
import { createNameHasher, createRecordingKeys } from './recordingKeys.ts';
import { visitRows } from './trackRow.ts';
import type { Rows, Tracks } from './tracks.ts';

export type { Groups };

/** Rows that belong together by either of two groupings, and by chains of both. */
export function joinGroups(a: Groups, b: Groups): Groups {
  const parents = a.slice();
  for (let row = 0; row < b.length; row++) unite(parents, row, b[row]);
  return settle(parents);
}

/**
 * Groups the rows that are the same recording: same track id, or same primary artist and title but for spelling, guests
 * and edition (see `titleKey`), or the same audio features to the last digit; transitively. A row without an artist or without
 * a title is never grouped by name, but in a table that names no artist at all equal titles are: rather songs of one name held
 * together that are not the same than a repeat on both sides.
 */
export function groupRecordings(tracks: Tracks): Groups {
  const keys = createRecordingKeys(tracks.schema);
  visitRows(tracks, keys.add);
  return workAtOnce(keys.group());
}

/**
 * The first row of each recording: the rows that studies count. Popular songs are listed again and again, so models of
 * all rows lean towards them, and figures over all rows reward it.
 */
export function firstRows(tracks: Tracks): Rows {
  return groupRecordings(tracks).filter((first, row) => first === row);
}

/** Tells people what `firstRows` leaves out, in a sentence. */
export function describeRepeats({ count }: Tracks, rows: Rows): string {
  const repeats = count - rows.length;
  const left = `${repeats.toLocaleString('en-US')} ${repeats === 1 ? 'repeat is' : 'repeats are'} left out`;
  return `Each recording counts once, by its first row${repeats > 0 ? `: ${left}` : ''}.`;
}

/** Whether any song says who made it. */
export function namesArtists({ artist }: Pick<Tracks, 'artist'>): boolean {
  return artist.some((name) => name !== '');
}

/**
 * Groups the rows of one primary artist; `A`, `A feat. B` and `A;B` are one artist's. Rows without an artist are each
 * alone.
 */
export function groupArtists(tracks: Tracks): Groups {
  const hashArtist = createNameHasher(artistKey);
  const column = createKeyColumn();
  const key = new Uint32Array(2);
  visitRows(tracks, ({ artist }) => {
    key.fill(0);
    hashArtist(artist, key);
    column.add(key);
  });
  const parents = singletons(tracks.count);
  workAtOnce(column.unite(parents));
  return settle(parents);
}

/** Groups all that an artist has recorded, repeats under another name included. */
export function groupCatalogues(tracks: Tracks): Groups {
  return joinGroups(groupRecordings(tracks), groupArtists(tracks));
}
