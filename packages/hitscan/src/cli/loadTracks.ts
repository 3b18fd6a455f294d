import { listUnknown } from '../tracks/learnable.ts';
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
export function describeTable(tracks: Tracks): string {
  const { source, count } = tracks;
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  const unknown = listUnknown(tracks);
  const without = unknown.length > 0 ? `; unknown in every row and left out: ${unknown.join(', ')}` : '';
  return `Data: ${source.name}${kind}, ${count.toLocaleString('en-US')} rows${without}`;
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
