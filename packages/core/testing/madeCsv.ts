import { openBytes } from '../src/readers/byteSource.ts';
import { type ReadOptions, type ReadResult, readTracks } from '../src/readers/readCsv.ts';
import { seedColumns } from '../src/tracks/schema.ts';
import { type CellValue, csvCell } from '../src/tracks/writeCsv.ts';

/** For tests: one row of a file by column name. */
export type Song = Readonly<Record<string, CellValue>>;

/** For tests: a song with nothing wrong, different for each number. */
export function makeSong(number: number, changes: Song = {}): Song {
  return {
    artist_name: `Artist ${number}`,
    track_id: `id${number}`,
    track_name: `Title ${number}`,
    acousticness: 0.0657,
    danceability: 0.645,
    duration_ms: 200_000 + number,
    energy: 0.663,
    instrumentalness: 3.18e-5,
    key: number % 12,
    liveness: 0.0751,
    loudness: -8.305,
    mode: number % 2,
    speechiness: 0.0447,
    tempo: 115.83,
    time_signature: 4,
    valence: 0.287,
    popularity: number % 101,
    ...changes,
  };
}

/** For tests: songs as a file's text, cells unguarded against spreadsheets, as foreign files are. */
export function makeCsv(songs: readonly Song[], columns: readonly string[] = seedColumns, lineEnd = '\n'): string {
  const cell = (value: CellValue) =>
    typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : `${value ?? ''}`;
  const rows = songs.map((song) => columns.map((name) => cell(song[name] ?? null)).join(','));
  return [columns.map(csvCell).join(','), ...rows].map((line) => `${line}${lineEnd}`).join('');
}

/** For tests: reads a file's contents from memory. */
export function readContents(contents: string | Uint8Array, options?: ReadOptions): Promise<ReadResult> {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return readTracks(openBytes('tracks.csv', bytes), options);
}
