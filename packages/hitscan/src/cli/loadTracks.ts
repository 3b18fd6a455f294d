import { getHeapStatistics } from 'node:v8';
import { ConfigError } from '@hitscan/core/errors';
import { formatBytes } from '@hitscan/core/models';
import type { ReadOptions, ReadProgress, Reject, TracksDescription } from '@hitscan/core/readers';
import type { Tracks } from '@hitscan/core/tracks';
import { describeQuality, generateTwin, listUnknown, type Quality } from '@hitscan/core/tracks';
import { describeTracksFile, readTracksFile } from '../sources/openFile.ts';
import { formatSeconds } from './progress.ts';
import type { Session } from './session.ts';

export interface LoadedTracks {
  readonly tracks: Tracks;
  readonly rejects: readonly Reject[];
  readonly quality: Quality;
}

/** A table in a line, for people. */
export function describeTable(tracks: Tracks): string {
  const { source, count } = tracks;
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  const unknown = listUnknown(tracks);
  const without = unknown.length > 0 ? `; unknown in every row and left out: ${unknown.join(', ')}` : '';
  return `Data: ${source.name}${kind}, ${count.toLocaleString('en-US')} rows${without}`;
}

/** What is read in less time is not worth a word. */
const quietSeconds = 2;

/** Readings that people wait for are shown. */
function showReading({ reporter }: Session): (progress: ReadProgress) => void {
  return ({ file, share, rows, seconds }) => {
    if (seconds < quietSeconds) return;
    const left = formatSeconds((seconds / share) * (1 - share));
    const rate = `${Math.round(rows / seconds).toLocaleString('en-US')} rows/s`;
    reporter.draw({ place: `reading ${file}`, share, rest: `${Math.floor(100 * share)} % · ${rate} · ${left} left` });
  };
}

/** How a command reads: its interruption stops the reading, and people see how far it has come. */
export function readingIn(session: Session): Pick<ReadOptions, 'signal' | 'onProgress'> {
  return { signal: session.signal, onProgress: showReading(session) };
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

/** The songs of a file, or the synthetic twin where none is named. Throws: DataError, ConfigError, Interrupted. */
export async function loadTracks(
  path: string | null,
  { strict, rows }: { readonly strict: boolean; readonly rows: number },
  session: Session,
): Promise<LoadedTracks> {
  if (path !== null) {
    const loaded = await readTracksFile(path, { strict, ...readingIn(session) });
    session.reporter.clear();
    return loaded;
  }
  expectTwinFits(rows);
  const tracks = generateTwin({ rows });
  return { tracks, rejects: [], quality: describeQuality(tracks) };
}

/** The same, without the songs. */
export async function describeTracks(path: string | null, session: Session): Promise<TracksDescription> {
  if (path !== null) return describeTracksFile(path, readingIn(session));
  const tracks = generateTwin();
  return { source: tracks.source, rejects: [], quality: describeQuality(tracks) };
}
