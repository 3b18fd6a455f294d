import { artistKey, titleKey } from './names.ts';
import { featureNames } from './schema.ts';
import type { Rows, Tracks } from './tracks.ts';

/**
 * One number a row: equal for the rows of one group, which is named by its first row. Such a list is also a union-find
 * forest in which every root is the least of its tree.
 */
export type Groups = Uint32Array;

function singletons(count: number): Groups {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

function findRoot(parents: Groups, row: number): number {
  let root = row;
  while (parents[root] !== root) {
    // Path halving: every other node skips to its grandparent.
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}

function unite(parents: Groups, a: number, b: number): void {
  const rootA = findRoot(parents, a);
  const rootB = findRoot(parents, b);
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

/** Unites rows of equal keys; rows without a key (null) stay as they are. */
function uniteByKey(parents: Groups, keyOf: (row: number) => string | null): void {
  const firstRows = new Map<string, number>();
  for (let row = 0; row < parents.length; row++) {
    const key = keyOf(row);
    if (key === null) continue;
    const first = firstRows.get(key);
    if (first === undefined) firstRows.set(key, row);
    else unite(parents, first, row);
  }
}

function settle(parents: Groups): Groups {
  return parents.map((_, row) => findRoot(parents, row));
}

/** Rows that belong together by either of two groupings, and by chains of both. */
export function joinGroups(a: Groups, b: Groups): Groups {
  const parents = a.slice();
  for (let row = 0; row < b.length; row++) unite(parents, row, b[row]);
  return settle(parents);
}

/** Remembers the key of each distinct text: folding is slow, and artists repeat. */
function remember(toKey: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const key = known.get(text) ?? toKey(text);
    known.set(text, key);
    return key;
  };
}

/** Known features below which equal ones may be chance: loudness, tempo and duration alone tell nearly all songs apart. */
const fewestKnown = 8;

/** What a row sounds like, as text; null where too little is known. */
function soundKey({ features }: Tracks, row: number): string | null {
  const heard = featureNames.map((name) => (features[name].missing[row] ? '' : String(features[name].values[row])));
  return heard.filter((value) => value !== '').length < fewestKnown ? null : heard.join(' ');
}

/**
 * Groups the rows that are the same recording: same track id, or same primary artist and title but for spelling, guests
 * and edition (see `titleKey`), or the same audio features to the last digit; transitively. A row without an artist or without
 * a title is never grouped by name, but in a table that names no artist at all equal titles are: rather songs of one name held
 * together that are not the same than a repeat on both sides.
 */
export function groupRecordings(tracks: Tracks): Groups {
  const { count, trackId, artist, title } = tracks;
  const parents = singletons(count);
  uniteByKey(parents, (row) => soundKey(tracks, row));
  uniteByKey(parents, (row) => trackId[row] || null);
  const keyOfArtist = remember(artistKey);
  const isAnonymous = artist.every((name) => name === '');
  uniteByKey(parents, (row) => {
    const artistOfRow = keyOfArtist(artist[row]);
    const titleOfRow = titleKey(title[row]);
    // Neither key holds a line break, so that no two pairs are confused.
    return (artistOfRow || isAnonymous) && titleOfRow ? `${artistOfRow}\n${titleOfRow}` : null;
  });
  return settle(parents);
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
export function groupArtists({ count, artist }: Tracks): Groups {
  const parents = singletons(count);
  const keyOfArtist = remember(artistKey);
  uniteByKey(parents, (row) => keyOfArtist(artist[row]) || null);
  return settle(parents);
}

/** Groups all that an artist has recorded, repeats under another name included. */
export function groupCatalogues(tracks: Tracks): Groups {
  return joinGroups(groupRecordings(tracks), groupArtists(tracks));
}
