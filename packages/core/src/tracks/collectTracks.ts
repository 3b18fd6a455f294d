import { createHashIndex } from './hashIndex.ts';
import { hashBytes } from './hashText.ts';
import { listNumericColumns, type Schema } from './schema.ts';
import { decodeText, type Text } from './text.ts';
import { known, type TrackRow } from './trackRow.ts';
import type { Column, Tracks } from './tracks.ts';
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

/** A numeric column whose length is known only at the file's end. */
export interface GrowingColumn {
  add(value: number, isMissing: boolean): void;
  finish(): Column;
}

/** Doubles its typed arrays, outside the JavaScript heap, where an array of millions of numbers would press on its limit. */
export function growColumn(): GrowingColumn {
  let values = new Float64Array(256);
  let missing = new Uint8Array(256);
  let count = 0;
  return {
    add(value, isMissing) {
      if (count === values.length) {
        // The old memory is free at once, not when the collector next comes by.
        values = new Float64Array(values.buffer.transfer(2 * values.byteLength));
        missing = new Uint8Array(missing.buffer.transfer(2 * missing.byteLength));
      }
      values[count] = isMissing ? 0 : value;
      missing[count] = isMissing ? 1 : 0;
      count++;
    },
    finish: () => ({
      values: new Float64Array(values.buffer.transfer(count * values.BYTES_PER_ELEMENT)),
      missing: new Uint8Array(missing.buffer.transfer(count)),
    }),
  };
}
