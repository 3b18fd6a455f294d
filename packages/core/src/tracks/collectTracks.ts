import { growColumn } from './growingColumn.ts';
import { createHashIndex } from './hashIndex.ts';
import { hashBytes } from './hashText.ts';
import { listNumericColumns, type Schema } from './schema.ts';
import { decodeText, type Text } from './text.ts';
import { known, type TrackRow } from './trackRow.ts';
import type { Tracks } from './tracks.ts';
import { isTwinTrack } from './twinNames.ts';

/** `t`, with which the ids of the twin's songs begin. */
const firstByte = 116;

/** Notices songs of the twin. A twin that was written to a file stays synthetic; one real song among its rows does not change that. */
export function createTwinDetector(): { add(row: TrackRow): void; isSynthetic(): boolean } {
  let synthetic = false;
  return {
    add({ trackId: { bytes, start, end } }) {
      // Nearly all ids of real songs are refused by their first letter, undecoded.
      synthetic ||= end - start === 22 && bytes[start] === firstByte && isTwinTrack(decodeText(bytes, start, end));
    },
    isSynthetic: () => synthetic,
  };
}

/** The table under construction, of rows from whatever format. */
export interface TracksCollector {
  add(row: TrackRow): void;
  finish(source: { readonly name: string; readonly sha256: string }): Tracks;
}

/** `hasDates` says whether the file has a column of release dates. */
export function collectTracks(schema: Schema, hasDates: boolean): TracksCollector {
  const columns = listNumericColumns(schema).map(() => growColumn());
  const twin = createTwinDetector();
  const artist: string[] = [];
  const trackId: string[] = [];
  const title: string[] = [];
  const releaseDate: string[] = [];
  const fileRow: number[] = [];
  const key = new Uint32Array(2);

  /** Texts that repeat are one string, decoded once. */
  function createSharer() {
    const index = createHashIndex();
    const strings: string[] = [];
    return ({ bytes, start, end }: Text): string => {
      key.fill(0);
      hashBytes(bytes, start, end, key);
      const number = index.indexOf(key[0], key[1]);
      strings[number] ??= decodeText(bytes, start, end);
      return strings[number];
    };
  }
  const shareArtist = createSharer();

  return {
    add(row) {
      for (const [c, column] of columns.entries()) column.add(row.values[c], row.states[c] !== known);
      twin.add(row);
      trackId.push(decodeText(row.trackId.bytes, row.trackId.start, row.trackId.end));
      artist.push(shareArtist(row.artist));
      title.push(decodeText(row.title.bytes, row.title.start, row.title.end));
      if (hasDates) releaseDate.push(row.releaseDate);
      fileRow.push(row.fileRow);
    },
    finish({ name, sha256 }) {
      const finished = columns.map((column) => column.finish());
      return {
        count: fileRow.length,
        schema,
        source: { name, synthetic: twin.isSynthetic(), sha256 },
        trackId,
        artist,
        title,
        features: Object.fromEntries(schema.features.map((feature, f) => [feature.name, finished[f]])),
        popularity: finished[schema.features.length],
        ...(hasDates ? { releaseDate } : {}),
        fileRow: Uint32Array.from(fileRow),
      };
    },
  };
}
