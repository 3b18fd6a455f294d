import { growColumn } from './growingColumn.ts';
import { createHashIndex } from './hashIndex.ts';
import { hashBytes } from './hashText.ts';
import { type FeatureName, featureNames } from './schema.ts';
import { known, numericColumns, type Song } from './song.ts';
import { decodeText, type Text } from './text.ts';
import type { Column, Tracks } from './tracks.ts';
import { isTwinTrack } from './twinNames.ts';

/** Notices songs of the twin. A twin that was written to a file stays synthetic; one real song among its rows does not change that. */
export function createTwinDetector(): { add(song: Song): void; isSynthetic(): boolean } {
  let synthetic = false;
  return {
    add({ trackId: { bytes, start, end } }) {
      synthetic ||= end - start === 22 && isTwinTrack(decodeText(bytes, start, end));
    },
    isSynthetic: () => synthetic,
  };
}

/** The table under construction, of songs from whatever format. */
export interface TracksCollector {
  add(song: Song): void;
  finish(source: { readonly name: string; readonly sha256: string }): Tracks;
}

/** `hasDates` says whether the file has a column of release dates. */
export function collectTracks(hasDates: boolean): TracksCollector {
  const columns = numericColumns.map(() => growColumn());
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
    add(song) {
      for (const [c, column] of columns.entries()) column.add(song.values[c], song.states[c] !== known);
      twin.add(song);
      trackId.push(decodeText(song.trackId.bytes, song.trackId.start, song.trackId.end));
      artist.push(shareArtist(song.artist));
      title.push(decodeText(song.title.bytes, song.title.start, song.title.end));
      if (hasDates) releaseDate.push(song.releaseDate);
      fileRow.push(song.fileRow);
    },
    finish({ name, sha256 }) {
      const finished = columns.map((column) => column.finish());
      const features = Object.fromEntries(featureNames.map((feature, f) => [feature, finished[f]]));
      return {
        count: fileRow.length,
        source: { name, synthetic: twin.isSynthetic(), sha256 },
        trackId,
        artist,
        title,
        features: features as Record<FeatureName, Column>,
        popularity: finished[featureNames.length],
        ...(hasDates ? { releaseDate } : {}),
        fileRow: Uint32Array.from(fileRow),
      };
    },
  };
}
