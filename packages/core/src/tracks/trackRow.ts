import { listNumericColumns, type Schema } from './schema.ts';
import { createTextWriter, type Text } from './text.ts';
import type { Tracks } from './tracks.ts';

/** What `TrackRow.states` says of a value. */
export const known = 0;
export const missing = 1;
/** Missing, by the schema's number for it. */
export const sentinel = 2;

/** One row of typed cells, whatever format it came from. One object for all rows: valid only until the next. */
export interface TrackRow {
  /** 1-based row in the file. */
  fileRow: number;
  /** By `listNumericColumns`; they count only where `states` is `known`, and are 0 elsewhere. */
  readonly values: Float64Array;
  readonly states: Uint8Array;
  /** Empty where the row has none. */
  readonly trackId: Text;
  readonly artist: Text;
  readonly title: Text;
  /** As in `Tracks`. */
  releaseDate: string;
}

export function createTrackRow({ features }: Schema): TrackRow {
  const text = (): Text => ({ bytes: new Uint8Array(0), start: 0, end: 0 });
  return {
    fileRow: 0,
    values: new Float64Array(features.length + 1),
    states: new Uint8Array(features.length + 1),
    trackId: text(),
    artist: text(),
    title: text(),
    releaseDate: '',
  };
}

/** Visits a table's rows as if they were read. */
export function visitRows(tracks: Tracks, visit: (row: TrackRow) => void): void {
  const { count, schema, features, popularity, trackId, artist, title, releaseDate, fileRow } = tracks;
  const row = createTrackRow(schema);
  const columns = listNumericColumns(schema).map(({ name }) => (name === 'popularity' ? popularity : features[name]));
  const texts = ([trackId, artist, title] as const).map((column, i) => ({
    column,
    text: [row.trackId, row.artist, row.title][i],
    writer: createTextWriter(),
  }));
  for (let at = 0; at < count; at++) {
    row.fileRow = fileRow[at];
    for (const [c, { values, missing: isMissing }] of columns.entries()) {
      row.states[c] = isMissing[at] ? missing : known;
      row.values[c] = isMissing[at] ? 0 : values[at];
    }
    for (const { column, text, writer } of texts) writer.write(text, column[at]);
    row.releaseDate = releaseDate?.[at] ?? '';
    visit(row);
  }
}
