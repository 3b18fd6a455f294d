import { existsSync } from 'node:fs';
import { ConfigError, DataError } from '@hitscan/core/errors';
import type { ModelFigures } from '@hitscan/core/evaluate';
import { type Calibration, readCalibration } from '@hitscan/core/intervals';
import type { LoadedRegressor, SavedModel } from '@hitscan/core/models';
import { joinRows, loadRegressor, referenceBaselines } from '@hitscan/core/models';
import { modelNames, presetModel } from '@hitscan/core/optionNames';
import type { Rows, Tracks } from '@hitscan/core/tracks';
import { openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { modelFile, readResult, readSplit, reloadTracks, resultsFile } from './preparedRun.ts';
import { isFinished, type RunRecord, readCommand, readTrainingRecord } from './runRecord.ts';
import type { Session } from './session.ts';

/** A run of `train` or `tune` that has come to its end. */
export interface FinishedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
}

/** Throws: DataError where the folder is no run, one of another command, or one that is not finished. */
export function openFinishedRun(path: string): FinishedRun {
  const directory = openRunDirectory(path);
  const command = readCommand(directory);
  if (command !== 'train' && command !== 'tune')
    throw new DataError(path, `must be a run of train or tune, got one of ${command}`);
  const record = readTrainingRecord(directory);
  if (!isFinished(directory, resultsFile)) {
    const rule = `must be a finished run, got one without ${resultsFile}; go on with it by --resume`;
    throw new DataError(path, rule);
  }
  return { directory, record };
}

/** A model of a run as it was left. */
export interface RunModel extends LoadedRegressor {
  readonly result: ModelFigures;
  /** Null where the run has made no intervals for it. */
  readonly calibration: Calibration | null;
}

/**
 * A run's model by name, the run's own Mamba where none is given, from its file alone. Reference baselines use no audio, so they
 * have nothing to explain.
 * Throws: ConfigError where the run has no such model, DataError where its file is not as it was written.
 */
export function loadRunModel({ directory, record }: FinishedRun, given: string | undefined): RunModel {
  const { config } = record;
  const loadable = modelNames.filter(
    (name) => !referenceBaselines.includes(name) && directory.has(modelFile(name, config)),
  );
  const name = loadable.find((known) => known === (given ?? presetModel(config.preset)));
  if (name === undefined) {
    const found = given === undefined ? 'none' : JSON.stringify(given);
    throw new ConfigError(
      '--model',
      `must be one of the run’s models that use audio (${loadable.join(', ') || 'it has none'}), got ${found}`,
    );
  }
  const file = modelFile(name, config);
  // It was there a moment ago.
  const saved = directory.readModel(file) as SavedModel;
  const loaded = loadRegressor(saved, name);
  return { ...loaded, result: readResult(saved, name), calibration: readCalibration(saved, loaded.fitted) };
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
  const split = readSplit(directory, tracks, record.config);
  return { tracks, train: joinRows(split.train, split.validation), test: split.test };
}
