import { getHeapStatistics } from 'node:v8';
import { ConfigError } from '../errors.ts';
import { formatBytes } from '../models/mambaMemory.ts';
import { describeQuality, type Quality } from '../tracks/quality.ts';
import { readTracks } from '../tracks/readCsv.ts';
import type { Reject } from '../tracks/rejects.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { generateTwin } from '../tracks/twin.ts';

export interface LoadedTracks {
  readonly tracks: Tracks;
  readonly rejects: readonly Reject[];
  readonly quality: Quality;
}

/** A table in a line, for people. */
export function describeTable({ source, count }: Tracks): string {
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  return `Data: ${source.name}${kind}, ${count.toLocaleString('en-US')} rows`;
}

/** Bytes that a song of the twin takes of the engine's heap while it is made: measured, 1.25 kB at a million songs. */
const twinSongBytes = 1300;

/** Throws: ConfigError for more songs than there is memory to make them in. */
export function expectTwinFits(rows: number): void {
  const most = Math.floor(getHeapStatistics().heap_size_limit / twinSongBytes);
  if (rows <= most) return;
  const needed = formatBytes(rows * twinSongBytes);
  throw new ConfigError(
    '--rows',
    `must be at most ${most}, as each song takes ${twinSongBytes} bytes, got ${rows} (${needed})`,
  );
}

/** The songs of a file, or the synthetic twin where none is named. Throws: DataError. */
export async function loadTracks(
  path: string | null,
  { strict, rows }: { readonly strict: boolean; readonly rows: number },
): Promise<LoadedTracks> {
  if (path !== null) return readTracks(path, { strict });
  expectTwinFits(rows);
  const tracks = generateTwin({ rows });
  return { tracks, rejects: [], quality: describeQuality(tracks) };
}
