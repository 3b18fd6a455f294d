import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tracks } from '@hitscan/core/tracks';
import { type CellValue, csvCell, type FeatureName, featureNames, seedColumns } from '@hitscan/core/tracks';

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

/** For tests: a table of songs of which names, ids and dates are known, and nothing of how they sound. */
export function makeNamedTracks(
  songs: readonly { id?: string; artist?: string; title?: string; date?: string }[],
  dated = false,
): Tracks {
  const count = songs.length;
  const unknown = () => ({ values: new Float64Array(count), missing: new Uint8Array(count).fill(1) });
  const column = () => ({ values: new Float64Array(count), missing: new Uint8Array(count) });
  return {
    count,
    source: { name: 'made.csv', synthetic: false, sha256: '0'.repeat(64) },
    trackId: songs.map(({ id = '' }) => id),
    artist: songs.map(({ artist = '' }) => artist),
    title: songs.map(({ title = '' }) => title),
    features: Object.fromEntries(featureNames.map((name) => [name, unknown()])) as Record<
      FeatureName,
      ReturnType<typeof column>
    >,
    popularity: column(),
    ...(dated ? { releaseDate: songs.map(({ date = '' }) => date) } : {}),
    fileRow: Uint32Array.from({ length: count }, (_, row) => row + 2),
  };
}

/** For tests: a folder of their own for files; call `remove` at the end. */
export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'hitscan-tracks-'));
  return {
    path,
    /** Writes a file and returns its path. */
    write(contents: string | Uint8Array, name = 'tracks.csv'): string {
      const file = join(path, name);
      writeFileSync(file, contents);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
