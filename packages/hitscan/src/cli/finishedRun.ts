import { existsSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, DataError, UserError } from '../errors.ts';
import { type Calibration, parseCalibration } from '../evaluate/intervals/conformal.ts';
import type { ModelFigures } from '../evaluate/results.ts';
import { createRegressor, deafModels, type ModelSettings } from '../models/catalogue.ts';
import { presets } from '../models/mambaSettings.ts';
import { modelNames } from '../models/modelNames.ts';
import type { FittedRegressor } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { modelFile, type RunRecord, readSplit, reloadTracks } from './preparedRun.ts';
import type { Session } from './session.ts';
import { readTuning } from './tuning.ts';

/** A run of `train` or `tune` that has come to its end. */
export interface FinishedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
  /** As found by the search, where there was one. */
  readonly settings: ModelSettings;
}

/** What must be there for a run to be read at all; the rest is as whoever wrote it left it. */
const recordSchema = z.looseObject({
  command: z.enum(['train', 'tune']),
  data: z.string().nullable(),
  config: z.looseObject({ preset: z.enum(presets), seed: z.int(), context: z.array(z.string()) }),
  settings: z.looseObject({}),
});

/** Throws: DataError where the folder is no run, one of another command, or one that is not finished. */
export function openFinishedRun(path: string): FinishedRun {
  const directory = openRunDirectory(path);
  const parsed = recordSchema.safeParse(directory.readJson('config.json'));
  if (!parsed.success) {
    const { command } = (directory.readJson('config.json') ?? {}) as { command?: unknown };
    const found = command === 'evaluate' || command === 'investigate' ? `one of ${command}` : 'no record of one';
    throw new DataError(path, `must be a run of train or tune, got ${found}`);
  }
  const record = parsed.data as unknown as RunRecord;
  if (!directory.has('metrics.json')) {
    const rule = `must be a finished run, got one without metrics.json; go on with it by --resume`;
    throw new DataError(path, rule);
  }
  const tuning = readTuning({ directory });
  return { directory, record, settings: { ...record.settings, ...(tuning && { [tuning.model]: tuning.settings }) } };
}

/** A model of a run as it was left. */
export interface RunModel {
  readonly name: string;
  readonly fitted: FittedRegressor;
  readonly result: ModelFigures;
  /** Null where the run has made no intervals for it. */
  readonly calibration: Calibration | null;
}

/**
 * A run's model by name, the run's own Mamba where none is given. Models that hear nothing have nothing to explain.
 * Throws: ConfigError where the run has no such model, DataError where its file is not as it was written.
 */
export function loadRunModel({ directory, record, settings }: FinishedRun, given: string | undefined): RunModel {
  const { config } = record;
  const loadable = modelNames.filter((name) => !deafModels.includes(name) && directory.has(modelFile(name, config)));
  const name = loadable.find((known) => known === (given ?? `mamba-${config.preset}`));
  if (name === undefined) {
    const found = given === undefined ? 'none' : JSON.stringify(given);
    throw new ConfigError(
      '--model',
      `must be one of the run’s models that hear songs (${loadable.join(', ') || 'it has none'}), got ${found}`,
    );
  }
  const file = modelFile(name, config);
  const where = `${directory.path}/${file}`;
  try {
    const saved = directory.readModel(file);
    if (!saved?.metadata.result) throw new DataError(where, 'must have its result, got none');
    const { result, calibration } = saved.metadata;
    return {
      name,
      fitted: createRegressor(name, settings, config.context).load(saved),
      result: JSON.parse(result),
      calibration: calibration === undefined ? null : parseCalibration(JSON.parse(calibration)),
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new DataError(
      where,
      `must be a model as the run wrote it, got one that cannot be read (${(error as Error).message})`,
    );
  }
}

/**
 * The songs of a run, those it trained on and those it held out. `data` says where the file lies now, if not where it lay.
 * Throws: DataError where the songs are gone, or are not those that the run began with.
 */
export async function reloadRunSongs(
  { directory, record }: FinishedRun,
  data: string | null | undefined,
  session: Session,
): Promise<{ readonly tracks: Tracks; readonly train: Rows; readonly test: Rows }> {
  const path = data ?? record.data;
  if (path !== null && !existsSync(path)) {
    const rule = `must be the songs that ${directory.path} was trained on, got no such file`;
    throw new DataError(path, `${rule}; say where they are now with --data`);
  }
  const { tracks } = await reloadTracks(directory, { ...record, data: path }, session);
  const split = readSplit(directory);
  return { tracks, train: joinRows(split.train, split.validation), test: split.test };
}
