import { type ColumnRule, featureNames, featureRules, popularityRule } from './schema.ts';
import { createTextWriter, type Text } from './text.ts';
import type { Tracks } from './tracks.ts';

/** The numeric columns of a song, in the order of `Song.values`. */
export const numericColumns: readonly (readonly [name: string, rule: ColumnRule])[] = [
  ...featureNames.map((name) => [name, featureRules[name]] as const),
  ['popularity', popularityRule],
];

/** What `Song.states` says of a value. */
export const known = 0;
export const missing = 1;
/** Missing, by Spotify's number for it. */
export const sentinel = 2;

/** One checked row, whatever format it came from. One object for all rows: valid only until the next. */
export interface Song {
  /** 1-based row in the file. */
  fileRow: number;
  /** By numeric column; they count only where `states` is `known`, and are 0 elsewhere. */
  readonly values: Float64Array;
  readonly states: Uint8Array;
  readonly trackId: Text;
  readonly artist: Text;
  readonly title: Text;
  /** As in `Tracks`. */
  releaseDate: string;
}

export function createSong(): Song {
  const text = (): Text => ({ bytes: new Uint8Array(0), start: 0, end: 0 });
  return {
    fileRow: 0,
    values: new Float64Array(numericColumns.length),
    states: new Uint8Array(numericColumns.length),
    trackId: text(),
    artist: text(),
    title: text(),
    releaseDate: '',
  };
}

/** Visits a table's rows as songs, as if they were read. */
export function visitSongs(tracks: Tracks, visit: (song: Song) => void): void {
  const { count, features, popularity, trackId, artist, title, releaseDate, fileRow } = tracks;
  const song = createSong();
  const columns = [...featureNames.map((name) => features[name]), popularity];
  const texts = ([trackId, artist, title] as const).map((column, i) => ({
    column,
    text: [song.trackId, song.artist, song.title][i],
    writer: createTextWriter(),
  }));
  for (let row = 0; row < count; row++) {
    song.fileRow = fileRow[row];
    for (const [c, { values, missing: isMissing }] of columns.entries()) {
      song.states[c] = isMissing[row] ? missing : known;
      song.values[c] = isMissing[row] ? 0 : values[row];
    }
    for (const { column, text, writer } of texts) writer.write(text, column[row]);
    song.releaseDate = releaseDate?.[row] ?? '';
    visit(song);
  }
}
