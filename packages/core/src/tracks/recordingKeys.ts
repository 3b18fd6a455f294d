import { foldPlain, longestPlain } from './foldPlain.ts';
import { countGroups, createKeyColumn, type Groups, settle, singletons } from './groups.ts';
import { type Hash, hashBytes, hashWords } from './hashText.ts';
import { artistKey, titleKey } from './nameKeys.ts';
import type { Schema } from './schema.ts';
import { createTextWriter, decodeText, type Text } from './text.ts';
import { known, type TrackRow } from './trackRow.ts';

/** Known features below which equal ones may be chance: loudness, tempo and duration alone tell nearly all songs apart. */
const fewestKnown = 8;

/** Names whose keys are remembered, as artists repeat and folding is slow; those of plain names are not. */
const rememberedNames = 10_000;

/** A hasher of names by their keys; the hash of an empty key is 0. The hash is combined with what `into` holds. */
export function createNameHasher(toKey: (name: string) => string): (name: Text, into: Hash) => void {
  const scratch = new Uint8Array(longestPlain);
  const key: Text = { bytes: scratch, start: 0, end: 0 };
  const writer = createTextWriter();
  const remembered = new Map<string, string>();
  function lookUp(name: string): string {
    const found = remembered.get(name) ?? toKey(name);
    if (remembered.size >= rememberedNames) remembered.clear();
    remembered.set(name, found);
    return found;
  }
  return ({ bytes, start, end }, into) => {
    const length = foldPlain(bytes, start, end, scratch);
    if (length >= 0) {
      key.bytes = scratch;
      key.end = length;
    } else writer.write(key, lookUp(decodeText(bytes, start, end)));
    if (key.end === 0) into.fill(0);
    else hashBytes(key.bytes, 0, key.end, into);
  };
}

/** By what rows are known to be the same recording, as hashes: see `groupRecordings`. */
export interface RecordingKeys {
  add(row: TrackRow): void;
  /** Yields every few milliseconds. */
  group(): Generator<void, Groups>;
  /** Distinct artists; rows that name none count one each, and there are 0 where no row names one. Yields alike. */
  countArtists(): Generator<void, number>;
  /** Whether the table has neither ids nor artists with titles. */
  isAnonymous(): boolean;
}

export function createRecordingKeys({ features }: Schema): RecordingKeys {
  const hashArtist = createNameHasher(artistKey);
  const hashTitle = createNameHasher(titleKey);
  const columns = {
    sound: createKeyColumn(),
    id: createKeyColumn(),
    name: createKeyColumn(),
    artist: createKeyColumn(),
  };
  const key: Hash = new Uint32Array(2);
  const width = features.length;
  /** The features, then which of them are unknown, 32 to a number. */
  const heard = new Float64Array(width + Math.ceil(width / 32));
  const words = new Uint32Array(heard.buffer);
  let count = 0;
  const seen = { artist: false, title: false, id: false };

  function addSound({ values, states }: TrackRow): void {
    let unknown = 0;
    heard.fill(0, width);
    for (let f = 0; f < width; f++) {
      const isKnown = states[f] === known;
      // Adding 0 makes −0 the same as 0.
      heard[f] = isKnown ? values[f] + 0 : 0;
      if (isKnown) continue;
      unknown++;
      heard[width + (f >> 5)] += 2 ** (f & 31);
    }
    key.fill(0);
    if (width - unknown >= fewestKnown) hashWords(words, key);
    columns.sound.add(key);
  }

  function addName(artist: Text, title: Text): void {
    if (artist.end > artist.start && !seen.artist) {
      seen.artist = true;
      // Until now the titles alone were compared, as they are in a table that names no artist.
      columns.name.clear();
    }
    key.fill(0);
    hashArtist(artist, key);
    columns.artist.add(key);
    const hasKey = (key[0] | key[1]) !== 0;
    if (hasKey || !seen.artist) hashTitle(title, key);
    columns.name.add(key);
  }

  return {
    add(row) {
      const { trackId, artist, title } = row;
      addSound(row);
      key.fill(0);
      if (trackId.end > trackId.start) hashBytes(trackId.bytes, trackId.start, trackId.end, key);
      columns.id.add(key);
      addName(artist, title);
      seen.id ||= trackId.end > trackId.start;
      seen.title ||= title.end > title.start;
      count++;
    },
    *group() {
      const parents = singletons(count);
      for (const column of [columns.sound, columns.id, columns.name]) yield* column.unite(parents);
      return settle(parents);
    },
    *countArtists() {
      if (!seen.artist) return 0;
      const parents = singletons(count);
      yield* columns.artist.unite(parents);
      return countGroups(settle(parents));
    },
    isAnonymous: () => !seen.id && !(seen.artist && seen.title),
  };
}
