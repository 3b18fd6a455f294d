import { listNumericColumns, type Schema } from '../tracks/schema.ts';

/** A name without case, blanks, underscores, hyphens and brackets: `Duration (ms)` and `duration_ms` are one. `%` stays: it is a unit. */
export function foldColumn(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}%]+/gu, '');
}

/** What well-known tables call a column, folded, in the order in which they are preferred. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  artist_name: ['artistnames', 'trackartist', 'artists', 'artist', 'artistsname', 'performer'],
  track_name: ['songname', 'tracktitle', 'songtitle', 'song', 'title', 'name'],
  track_id: ['spotifytrackid', 'spotifyid', 'trackuri', 'spotifyuri', 'songid', 'uri', 'id'],
  // First of all a song's own date; a year says less.
  release_date: ['trackalbumreleasedate', 'albumreleasedate', 'releasedate', 'year', 'releasedyear', 'releaseyear'],
  popularity: ['trackpopularity', 'songpopularity', 'spotifytrackpopularity', 'spotifypopularity'],
  tempo: ['bpm', 'beatsperminute', 'beatsperminutebpm'],
  loudness: ['loudnessdb'],
  duration_ms: ['durationinms', 'lengthms'],
};

/** Names of columns that list all artists of a song, the main one first. */
const artistLists = new Set(['artistnames', 'artists']);

export const listsArtists = (name: string): boolean => artistLists.has(foldColumn(name));

/** What tables put before the names of features. */
const prefixes = ['audio', 'song', 'track', 'spotifytrack'];

/** Of a column: the text columns, a release date, and those of the schema. */
export function listMeanings(schema: Schema): string[] {
  const numeric = listNumericColumns(schema).map(({ name }) => name);
  return ['artist_name', 'track_id', 'track_name', 'release_date', ...numeric];
}

/** The folded names under which a meaning is found, the best first. */
function listNames(meaning: string, schema: Schema): string[] {
  const own = foldColumn(meaning);
  const isFeature = schema.features.some(({ name }) => name === meaning);
  const prefixed = isFeature ? prefixes.map((prefix) => prefix + own) : [];
  return [own, ...(aliases[meaning] ?? []), ...prefixed];
}

/**
 * Where each meaning is found among a table's columns: under its very name, else under the best of the names that it has in
 * well-known tables. Meanings that no column has are left out. `names`: trimmed.
 */
export function matchColumns(names: readonly string[], schema: Schema): Map<string, number> {
  const places = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    const folded = foldColumn(name);
    if (!places.has(folded)) places.set(folded, position);
  }
  const exactly = new Map(names.map((name, position) => [name, position]));
  const meanings = new Set(listMeanings(schema));
  const taken = new Set<number>();
  // A column that has a meaning's own name has that meaning.
  const isFree = (position: number | undefined) =>
    position !== undefined && !taken.has(position) && !meanings.has(names[position]);
  const found = new Map<string, number>();
  for (const meaning of meanings) {
    const position =
      exactly.get(meaning) ??
      listNames(meaning, schema)
        .map((name) => places.get(name))
        .find(isFree);
    if (position === undefined) continue;
    taken.add(position);
    found.set(meaning, position);
  }
  return found;
}
