import { ConfigError, DataError } from '../errors.ts';
import type { ModelFigures } from '../evaluate/results.ts';
import type { Calibration } from '../intervals/conformal.ts';
import { readCalibration } from '../intervals/keptCalibration.ts';
import { type LoadedRegressor, loadRegressor } from '../models/catalogue.ts';
import type { SavedModel } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import { modelNames, presetModel, referenceBaselines } from '../optionNames.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { Environment } from './events.ts';
import type { Host } from './host.ts';
import { modelFile, readResult } from './modelStore.ts';
import { readSplit, resultsFile } from './preparedRun.ts';
import { openRunFiles, type RunFiles } from './runFiles.ts';
import { isFinishedRun, type RunRecord, readCommand, readTrainingRecord } from './runRecord.ts';
import { reloadSongs } from './runSongs.ts';

/** A run of `train` or `tune` that has come to its end. */
export interface FinishedRun {
  readonly files: RunFiles;
  readonly record: RunRecord;
}

/** Throws: DataError where the folder is no run, one of another command, or one that is not finished. */
export function openFinishedRun(path: string, { runs }: Pick<Host, 'runs'>): FinishedRun {
  const files = openRunFiles(runs.open(path));
  const command = readCommand(files);
  if (command !== 'train' && command !== 'tune')
    throw new DataError(path, `must be a run of train or tune, got one of ${command}`);
  const record = readTrainingRecord(files);
  if (!isFinishedRun(files, resultsFile)) {
    const rule = `must be a finished run, got one without ${resultsFile}; go on with it by --resume`;
    throw new DataError(path, rule);
  }
  return { files, record };
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
export function loadRunModel({ files, record }: FinishedRun, given: string | undefined): RunModel {
  const { config } = record;
  const loadable = modelNames.filter(
    (name) => !referenceBaselines.includes(name) && files.has(modelFile(name, config)),
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
  const saved = files.readModel(file) as SavedModel;
  const loaded = loadRegressor(saved, name);
  return { ...loaded, result: readResult(saved, name), calibration: readCalibration(saved, loaded.fitted) };
}

/**
 * The songs of a run, those it trained on and those it held out. `data` says where the file lies now, if not where it lay.
 * Throws: DataError where the songs are gone, or are not those that the run began with.
 */
export async function reloadRunSongs(
  { files, record }: FinishedRun,
  data: string | null | undefined,
  environment: Environment,
): Promise<{ readonly tracks: Tracks; readonly train: Rows; readonly test: Rows }> {
  const path = data ?? record.data;
  if (path !== null && !environment.host.songs.has(path)) {
    const rule = `must be the songs that ${files.path} was trained on, got no such file`;
    throw new DataError(path, `${rule}; say where they are now with --data`);
  }
  const { tracks } = await reloadSongs(files, { ...record, data: path }, environment);
  const split = readSplit(files, tracks, record.config);
  return { tracks, train: joinRows(split.train, split.validation), test: split.test };
}
