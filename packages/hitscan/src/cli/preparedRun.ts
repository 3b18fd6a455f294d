import { basename, extname, join } from 'node:path';
import { ConfigError, DataError } from '@hitscan/core/errors';
import type { EvaluationStore } from '@hitscan/core/evaluate';
import { type ModelFigures, modelFiguresSchema } from '@hitscan/core/evaluate';
import { checkContext } from '@hitscan/core/features';
import type { SavedModel } from '@hitscan/core/models';
import { loadRegressor, readPlain } from '@hitscan/core/models';
import { type ModelName, presetModel } from '@hitscan/core/optionNames';
import { formatRejects } from '@hitscan/core/readers';
import type { Tracks } from '@hitscan/core/tracks';
import { checkLearnable, type Split, splitKinds, splitTracks } from '@hitscan/core/tracks';
import type { SpaceDeclaration } from '@hitscan/core/tune';
import { version } from '@hitscan/core/version';
import { z } from 'zod';
import { putBack } from '../runs/readRunFile.ts';
import { createRunDirectory, openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { openTimings, type Timings } from '../runs/timings.ts';
import { type Config, type RunConfig, settingsOf } from './config.ts';
import { type LoadedTracks, loadTracks } from './loadTracks.ts';
import { expectModelsFit } from './modelSizes.ts';
import { isFinished, type RunRecord, readCommand, readTrainingRecord, writeRecord } from './runRecord.ts';
import type { Session } from './session.ts';

/** Both do the same: the one to compare models, the other to look for settings at length. */
export type Command = 'train' | 'tune';

/** A run with all that it starts from. */
export interface PreparedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
  readonly timings: Timings;
  readonly loaded: LoadedTracks;
  readonly split: Split;
  /** Where the study lies, with the password that no file of the run holds; null where the record knows. */
  readonly storageAddress?: string | null;
}

/** The file of a fitted model: the chosen preset's Mamba is *the* model of a run, the others stand beside it. */
export function modelFile(name: string, { preset }: RunConfig): string {
  return name === presetModel(preset) ? 'model.safetensors' : `models/${name}.safetensors`;
}

/** The file whose presence marks a run as finished. */
export const resultsFile = 'metrics.json';

const dataFile = 'data.json';
const splitFile = 'split.json';

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

const rowsSchema = z.array(z.int().min(0));
const splitFileSchema = z.object({
  kind: z.enum(splitKinds),
  seed: z.int(),
  train: rowsSchema,
  validation: rowsSchema,
  test: rowsSchema,
  note: z.string(),
});
type SplitFile = z.infer<typeof splitFileSchema>;

/** Of a model's file; an older version kept the time as well. */
const storedResultSchema = z.object({
  ...modelFiguresSchema.unwrap().shape,
  seconds: z.number().min(0).exactOptional(),
});

/** Fewer rows leave no part of a split that means anything. */
const fewestRows = 20;

/** What a new run is to be. */
export interface NewRun {
  readonly command: Command;
  readonly data: string | null;
  readonly config: Config;
  readonly space: SpaceDeclaration;
  readonly out: string | null;
  /** Throws where the songs and their split do not allow what is to be done with them: then there is no folder. */
  check(record: RunRecord, songs: { readonly tracks: Tracks; readonly split: Split }): Promise<void>;
}

/**
 * Reads the data, cuts them, and makes a folder for what is to be done with them; data that cannot be cut leave no folder.
 * `suffix` ends the folder's name where none is given. Throws: DataError, ConfigError.
 */
export async function openFreshRun<Cut>(
  { data, config, out }: Pick<NewRun, 'data' | 'config' | 'out'>,
  suffix: string,
  cut: (tracks: Tracks) => Cut | Promise<Cut>,
  session: Session,
): Promise<{ readonly directory: RunDirectory; readonly loaded: LoadedTracks; readonly cut: Cut }> {
  const loaded = await loadTracks(data, config, session);
  const { tracks, rejects, quality } = loaded;
  if (tracks.count < fewestRows) {
    throw new DataError(tracks.source.name, `training needs at least ${fewestRows} usable rows, got ${tracks.count}`);
  }
  checkLearnable(tracks);
  const found = await cut(tracks);
  const stem = data === null ? 'synthetic-twin' : basename(data, extname(data));
  const directory = createRunDirectory(`${stem.replace(/[^\w.-]+/g, '-').slice(0, 64)}${suffix}`, out);
  const { source, count } = tracks;
  const described: DataFile = { ...source, rows: count, rejected: rejects.length, quality };
  directory.writeJson(dataFile, described);
  if (rejects.length > 0) directory.writeText('rejects.csv', formatRejects(rejects));
  return { directory, loaded, cut: found };
}

/** Reads the data, splits it and makes the run's folder. Throws: DataError, ConfigError. */
export async function startRun(
  { command, data, config, space, out, check }: NewRun,
  session: Session,
): Promise<PreparedRun> {
  const { threads, ...decisive } = config;
  const settings = settingsOf(decisive);
  const record: RunRecord = { hitscan: version, command, data, config: decisive, settings, space };
  const {
    directory,
    loaded,
    cut: split,
  } = await openFreshRun(
    { data, config, out },
    '',
    async (tracks) => {
      checkContext(tracks, config.context);
      const { models, tune, tuneModel, tuneJobs } = config;
      expectModelsFit(models, config, { rows: tracks.count, threads, jobs: 1 });
      if (tune > 0 && tuneJobs > 1)
        expectModelsFit([tuneModel], config, { rows: tracks.count, threads: 1, jobs: tuneJobs });
      const split = cutSplit(tracks, config);
      await check(record, { tracks, split });
      return split;
    },
    session,
  );
  const timings = openTimings(directory, threads);
  const parts: SplitFile = {
    ...split,
    train: [...split.train],
    validation: [...split.validation],
    test: [...split.test],
  };
  directory.writeJson(splitFile, parts);
  // Last, as its presence is what makes a folder a run that can be resumed.
  writeRecord(directory, record);
  return { directory, record, timings, loaded, split };
}

/** Reads the data of a run that was begun before. Throws: DataError where they are not as they were. */
export async function reloadTracks(
  directory: RunDirectory,
  { data, config }: Pick<RunRecord, 'data' | 'config'>,
  session: Session,
): Promise<LoadedTracks> {
  const stored = directory.readJson(dataFile, dataFileSchema, putBack);
  const loaded = await loadTracks(data, config, session);
  const { source, count } = loaded.tracks;
  if (source.sha256 !== stored.sha256) {
    const rule = `must be unchanged since ${directory.path} began, got other contents`;
    throw new DataError(source.name, rule);
  }
  const now = { synthetic: source.synthetic, rows: count, rejected: loaded.rejects.length };
  for (const [field, value] of Object.entries(now)) {
    const found = stored[field as keyof typeof now];
    if (found === value) continue;
    const where = `${join(directory.path, dataFile)} ${field}`;
    throw new DataError(where, `must be ${value} as in ${source.name}, got ${found}; ${putBack}`);
  }
  return loaded;
}

const cutSplit = (tracks: Tracks, { split: kind, seed, testShare, validationShare }: RunConfig): Split =>
  splitTracks(tracks, { kind, seed, testShare, validationShare });

/**
 * The rows of each part of a run: cut anew, and held against those that the run began with.
 * Throws: DataError where these are others, so that no song that was trained on is ever held out.
 */
export function readSplit(directory: RunDirectory, tracks: Tracks, config: RunConfig): Split {
  const stored = directory.readJson(splitFile, splitFileSchema, putBack);
  const split = cutSplit(tracks, config);
  const expectSame = (field: string, found: unknown, wanted: unknown) => {
    if (found === wanted) return;
    const rule = `must be ${wanted ?? 'none'} as the songs and config.json give, got ${found ?? 'none'}`;
    throw new DataError(`${join(directory.path, splitFile)} ${field}`, `${rule}; ${putBack}`);
  };
  expectSame('kind', stored.kind, split.kind);
  expectSame('seed', stored.seed, split.seed);
  for (const part of ['train', 'validation', 'test'] as const) {
    const rows = Math.max(stored[part].length, split[part].length);
    for (let i = 0; i < rows; i++) expectSame(`${part}[${i}]`, stored[part][i], split[part][i]);
  }
  return split;
}

/**
 * Goes on with as many threads as before, or with those given where the folder does not say.
 * Throws: ConfigError on a finished run, DataError where its data are not as they were.
 */
export async function reopenRun(
  path: string,
  { threads }: Pick<Config, 'threads'>,
  session: Session,
): Promise<PreparedRun> {
  const directory = openRunDirectory(path);
  const command = readCommand(directory);
  if (command !== 'train' && command !== 'tune')
    throw new ConfigError('--resume', `must be a run of train or tune, ${path} is one of ${command}`);
  if (isFinished(directory, resultsFile))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = readTrainingRecord(directory);
  const loaded = await reloadTracks(directory, record, session);
  const timings = openTimings(directory, record.config.threads ?? threads);
  return { directory, record, timings, loaded, split: readSplit(directory, loaded.tracks, record.config) };
}

/** What was measured of a saved model. Throws: DataError where that is not whole, or another model's. */
export function readResult(saved: SavedModel, name: string): ModelFigures & { readonly seconds?: number } {
  return readPlain(
    saved,
    'result',
    storedResultSchema.refine((result) => result.name === name, {
      path: ['name'],
      message: `must be "${name}"`,
    }),
  );
}

/**
 * Keeps each finished model in its file, with its result among the file's metadata: one write, so never one without the other.
 * How long the fit took is kept with the run's times.
 */
export function storeIn({ directory, record: { config }, timings }: PreparedRun): EvaluationStore {
  return {
    load(name) {
      const saved = directory.readModel(modelFile(name, config));
      // Without a result it was left by an interruption before it was measured.
      if (saved?.metadata.result === undefined) return null;
      const { fitted } = loadRegressor(saved, name as ModelName);
      return { fitted, result: { seconds: timings.secondsOf(name), ...readResult(saved, name) } };
    },
    save({ fitted, result: { seconds, ...figures } }) {
      timings.keep([[figures.name, seconds]]);
      const saved = fitted.save();
      const metadata = { hitscan: version, ...saved.metadata, result: JSON.stringify(figures) };
      directory.writeModel(modelFile(figures.name, config), { ...saved, metadata } satisfies SavedModel);
    },
    checkpoints: (name) => directory.checkpoints(name),
  };
}
