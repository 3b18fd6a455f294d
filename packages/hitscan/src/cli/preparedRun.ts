import { basename, extname } from 'node:path';
import { ConfigError, DataError } from '../errors.ts';
import type { EvaluationStore } from '../evaluate/holdout.ts';
import { checkContext } from '../features/context.ts';
import { createRegressor, type ModelSettings } from '../models/catalogue.ts';
import type { ModelName } from '../models/modelNames.ts';
import type { SavedModel } from '../models/regressor.ts';
import { createRunDirectory, openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { checkLearnable } from '../tracks/learnable.ts';
import { formatRejects } from '../tracks/rejects.ts';
import { type Split, splitTracks } from '../tracks/split.ts';
import type { Tracks } from '../tracks/tracks.ts';
import type { SpaceDeclaration } from '../tune/searchSpace.ts';
import { version } from '../version.ts';
import { type Config, settingsOf } from './config.ts';
import { type LoadedTracks, loadTracks } from './loadTracks.ts';

/** Both do the same: the one to compare models, the other to look for settings at length. */
export type Command = 'train' | 'tune';

/** What `config.json` holds: enough to do the run again, or to go on with it. */
export interface RunRecord {
  readonly hitscan: string;
  readonly command: Command;
  readonly data: string | null;
  readonly config: Config;
  readonly settings: ModelSettings;
  /** Where better settings are looked for, where they are. */
  readonly space: SpaceDeclaration;
}

/** A run with all that it starts from. */
export interface PreparedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
  readonly loaded: LoadedTracks;
  readonly split: Split;
}

/** The file of a fitted model: the chosen preset's Mamba is *the* model of a run, the others stand beside it. */
export function modelFile(name: string, { preset }: Config): string {
  return name === `mamba-${preset}` ? 'model.safetensors' : `models/${name}.safetensors`;
}

/** Fewer rows leave no part of a split that means anything. */
const fewestRows = 20;

/** What a new run is to be. */
export interface NewRun {
  readonly command: Command;
  readonly data: string | null;
  readonly config: Config;
  readonly space: SpaceDeclaration;
  readonly out: string | null;
}

/**
 * Reads the data, cuts them, and makes a folder for what is to be done with them; data that cannot be cut leave no folder.
 * `suffix` ends the folder's name where none is given. Throws: DataError, ConfigError.
 */
export async function openFreshRun<Cut>(
  { data, config, out }: Pick<NewRun, 'data' | 'config' | 'out'>,
  suffix: string,
  cut: (tracks: Tracks) => Cut,
): Promise<{ readonly directory: RunDirectory; readonly loaded: LoadedTracks; readonly cut: Cut }> {
  const loaded = await loadTracks(data, config);
  const { tracks, rejects, quality } = loaded;
  if (tracks.count < fewestRows) {
    throw new DataError(tracks.source.name, `training needs at least ${fewestRows} usable rows, got ${tracks.count}`);
  }
  checkLearnable(tracks);
  const found = cut(tracks);
  const stem = data === null ? 'synthetic-twin' : basename(data, extname(data));
  const directory = createRunDirectory(`${stem.replace(/[^\w.-]+/g, '-').slice(0, 64)}${suffix}`, out);
  directory.writeJson('data.json', { ...tracks.source, rows: tracks.count, rejected: rejects.length, quality });
  if (rejects.length > 0) directory.writeText('rejects.csv', formatRejects(rejects));
  return { directory, loaded, cut: found };
}

/** Reads the data, splits it and makes the run's folder. Throws: DataError, ConfigError. */
export async function startRun({ command, data, config, space, out }: NewRun): Promise<PreparedRun> {
  const { split: kind, seed, testShare, validationShare } = config;
  const {
    directory,
    loaded,
    cut: split,
  } = await openFreshRun({ data, config, out }, '', (tracks) => {
    checkContext(tracks, config.context);
    return splitTracks(tracks, { kind, seed, testShare, validationShare });
  });
  const record: RunRecord = { hitscan: version, command, data, config, settings: settingsOf(config), space };
  directory.writeJson('split.json', {
    ...split,
    train: [...split.train],
    validation: [...split.validation],
    test: [...split.test],
  });
  // Last, as its presence is what makes a folder a run that can be resumed.
  directory.writeJson('config.json', record);
  return { directory, record, loaded, split };
}

/** Reads the data of a run that was begun before. Throws: DataError where they are not as they were. */
export async function reloadTracks(
  directory: RunDirectory,
  { data, config }: Pick<RunRecord, 'data' | 'config'>,
): Promise<LoadedTracks> {
  const loaded = await loadTracks(data, config);
  const { sha256 } = directory.readJson('data.json') as { sha256: string };
  if (loaded.tracks.source.sha256 !== sha256) {
    const rule = `must be unchanged since ${directory.path} began, got other contents`;
    throw new DataError(loaded.tracks.source.name, rule);
  }
  return loaded;
}

/** The rows of each part of a run. */
export function readSplit(directory: RunDirectory): Split {
  const stored = directory.readJson('split.json') as Split;
  return {
    ...stored,
    train: Uint32Array.from(stored.train),
    validation: Uint32Array.from(stored.validation),
    test: Uint32Array.from(stored.test),
  };
}

/** Throws: ConfigError on a finished run, DataError where its data are not as they were. */
export async function reopenRun(path: string): Promise<PreparedRun> {
  const directory = openRunDirectory(path);
  if (directory.has('metrics.json'))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = directory.readJson('config.json') as RunRecord;
  const loaded = await reloadTracks(directory, record);
  return { directory, record, loaded, split: readSplit(directory) };
}

/** Keeps each finished model in its file, with its result among the file's metadata: one write, so never one without the other. */
export function storeIn(directory: RunDirectory, { config, settings }: RunRecord): EvaluationStore {
  return {
    load(name) {
      const saved = directory.readModel(modelFile(name, config));
      if (!saved?.metadata.result) return null;
      const fitted = createRegressor(name as ModelName, settings, config.context).load(saved);
      return { fitted, result: JSON.parse(saved.metadata.result) };
    },
    save({ fitted, result }) {
      const saved = fitted.save();
      const metadata = { hitscan: version, ...saved.metadata, result: JSON.stringify(result) };
      directory.writeModel(modelFile(result.name, config), { ...saved, metadata } satisfies SavedModel);
    },
    checkpoints: (name) => directory.checkpoints(name),
  };
}
