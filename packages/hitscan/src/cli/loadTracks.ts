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

/** The songs of a file, or the synthetic twin where none is named. Throws: DataError. */
export async function loadTracks(
  path: string | null,
  { strict, rows }: { readonly strict: boolean; readonly rows: number },
): Promise<LoadedTracks> {
  if (path !== null) return readTracks(path, { strict });
  const tracks = generateTwin({ rows });
  return { tracks, rejects: [], quality: describeQuality(tracks) };
}
