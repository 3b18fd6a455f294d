import { ConfigError } from '../errors.ts';
import { formatBytes } from '../models/mambaMemory.ts';
import { plainDialect } from '../readers/dialect.ts';
import { type ReadOptions, type ReadResult, readTracks } from '../readers/readCsv.ts';
import { describeQuality } from '../tracks/quality.ts';
import { generateTwin, twinSongBytes } from '../tracks/twin.ts';
import type { Environment } from './events.ts';

/** Throws: ConfigError for more songs than there is memory to make them in. */
export function expectTwinFits(rows: number, most: number): void {
  if (rows <= most) return;
  const needed = formatBytes(rows * twinSongBytes);
  throw new ConfigError(
    '--rows',
    `must be at most ${most}, as each song takes ${twinSongBytes} bytes, got ${rows} (${needed})`,
  );
}

/** How the pipeline reads: its signal stops the reading, and its events say how far it has come. */
export function readingIn({ signal, onEvent }: Environment): Pick<ReadOptions, 'signal' | 'onProgress'> {
  return { signal, onProgress: (progress) => onEvent({ kind: 'reading', progress }) };
}

/** The songs of a source, or the synthetic twin where none is named. Throws: DataError, ConfigError, the signal's reason. */
export async function loadSongs(
  name: string | null,
  { strict, rows }: { readonly strict: boolean; readonly rows: number },
  environment: Environment,
): Promise<ReadResult> {
  const { host, onEvent } = environment;
  if (name !== null) {
    const read = await readTracks(await host.songs.open(name), { strict, ...readingIn(environment) });
    onEvent({ kind: 'read' });
    return read;
  }
  expectTwinFits(rows, host.machine.mostTwinSongs);
  const tracks = generateTwin({ rows });
  return { tracks, rejects: [], quality: describeQuality(tracks), dialect: plainDialect, renamed: [] };
}
