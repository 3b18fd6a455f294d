import { z } from 'zod';
import { DataError } from '../errors.ts';
import type { ReadResult } from '../readers/readCsv.ts';
import { formatRejects } from '../readers/rejects.ts';
import { checkLearnable } from '../tracks/learnable.ts';
import type { Tracks } from '../tracks/tracks.ts';
import type { Config, RunConfig } from './configuration.ts';
import type { Environment } from './events.ts';
import { openRunFiles, putBack, type RunFiles } from './runFiles.ts';
import { loadSongs } from './songs.ts';

const dataFile = 'data.json';
const rejectsFile = 'rejects.csv';

const dataFileSchema = z.looseObject({
  name: z.string(),
  synthetic: z.boolean(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: z.int().min(0),
  rejected: z.int().min(0),
  /** For people; nothing comes of it again. */
  quality: z.unknown(),
});
type DataFile = z.infer<typeof dataFileSchema>;

/** Fewer rows leave no part of a split that means anything. */
const fewestRows = 20;

/** What a new run begins with: the songs by name, null for the twin, and the place of its files, null where the host chooses. */
export interface FreshRun {
  readonly data: string | null;
  readonly config: Config;
  readonly out: string | null;
}

/**
 * Reads the songs, cuts them, and makes a place for what is to be done with them; songs that cannot be cut leave no run.
 * `suffix` ends the run's name where no place is given. Throws: DataError, ConfigError.
 */
export async function openFreshRun<Cut>(
  { data, config, out }: FreshRun,
  suffix: string,
  cut: (tracks: Tracks) => Cut | Promise<Cut>,
  environment: Environment,
): Promise<{ readonly files: RunFiles; readonly songs: ReadResult; readonly cut: Cut }> {
  const { host } = environment;
  const songs = await loadSongs(data, config, environment);
  const { tracks, rejects, quality } = songs;
  if (tracks.count < fewestRows) {
    throw new DataError(tracks.source.name, `training needs at least ${fewestRows} usable rows, got ${tracks.count}`);
  }
  checkLearnable(tracks);
  const found = await cut(tracks);
  const stem = data === null ? 'synthetic-twin' : host.songs.stem(data);
  const files = openRunFiles(host.runs.create(`${stem.replace(/[^\w.-]+/g, '-').slice(0, 64)}${suffix}`, out));
  const { source, count } = tracks;
  const described: DataFile = { ...source, rows: count, rejected: rejects.length, quality };
  files.writeJson(dataFile, described);
  if (rejects.length > 0) files.write(rejectsFile, formatRejects(rejects));
  return { files, songs, cut: found };
}

/** Tells of the songs that a run works on. */
export function tellOfSongs(files: RunFiles, songs: ReadResult, { onEvent }: Environment): void {
  onEvent({ kind: 'songs', songs, rejectsFile: files.locate(rejectsFile) });
}

/** Reads the songs of a run that was begun before. Throws: DataError where they are not as they were. */
export async function reloadSongs(
  files: RunFiles,
  { data, config }: { readonly data: string | null; readonly config: RunConfig },
  environment: Environment,
): Promise<ReadResult> {
  const stored = files.readJson(dataFile, dataFileSchema, putBack);
  const songs = await loadSongs(data, config, environment);
  const { source, count } = songs.tracks;
  if (source.sha256 !== stored.sha256) {
    const rule = `must be unchanged since ${files.path} began, got other contents`;
    throw new DataError(source.name, rule);
  }
  const now = { synthetic: source.synthetic, rows: count, rejected: songs.rejects.length };
  for (const [field, value] of Object.entries(now)) {
    const found = stored[field as keyof typeof now];
    if (found === value) continue;
    const where = `${files.locate(dataFile)} ${field}`;
    throw new DataError(where, `must be ${value} as in ${source.name}, got ${found}; ${putBack}`);
  }
  return songs;
}
