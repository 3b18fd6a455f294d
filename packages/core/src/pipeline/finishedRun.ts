import { ConfigError, DataError } from '../errors.ts';
import type { ModelFigures } from '../evaluate/results.ts';
import { type Calibration, calibratedCoverages, calibrationSchema, type IntervalKind } from '../intervals/conformal.ts';
import { createRegressor, type ModelSettings, referenceBaselines } from '../models/catalogue.ts';
import type { FittedRegressor, SavedModel } from '../models/regressor.ts';
import { readPlain } from '../models/savedParts.ts';
import { joinRows } from '../models/trainingRows.ts';
import { isMamba, type ModelName, modelNames, presetModel } from '../optionNames.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import type { Environment } from './events.ts';
import type { Host } from './host.ts';
import { modelFile, readResult } from './modelStore.ts';
import { readSplit, resultsFile } from './preparedRun.ts';
import { openRunFiles, type RunFiles } from './runFiles.ts';
import { isFinished, type RunRecord, readCommand, readTrainingRecord } from './runRecord.ts';
import { reloadSongs } from './runSongs.ts';
import { readTuning } from './search.ts';

/** A run of `train` or `tune` that has come to its end. */
export interface FinishedRun {
  readonly files: RunFiles;
  readonly record: RunRecord;
  /** As found by the search, where there was one. */
  readonly settings: ModelSettings;
}

/** Throws: DataError where the folder is no run, one of another command, or one that is not finished. */
export function openFinishedRun(path: string, { runs }: Pick<Host, 'runs'>): FinishedRun {
  const files = openRunFiles(runs.open(path));
  const command = readCommand(files);
  if (command !== 'train' && command !== 'tune')
    throw new DataError(path, `must be a run of train or tune, got one of ${command}`);
  const record = readTrainingRecord(files);
  if (!isFinished(files, resultsFile)) {
    const rule = `must be a finished run, got one without ${resultsFile}; go on with it by --resume`;
    throw new DataError(path, rule);
  }
  const tuning = readTuning({ files, record });
  return { files, record, settings: { ...record.settings, ...(tuning && { [tuning.model]: tuning.settings }) } };
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
 * A run's model by name, the run's own Mamba where none is given. Reference baselines use no audio, so they have nothing to explain.
 * Throws: ConfigError where the run has no such model, DataError where its file is not as it was written.
 */
export function loadRunModel({ files, record, settings }: FinishedRun, given: string | undefined): RunModel {
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
  return {
    name,
    fitted: createRegressor(name, settings, config.context).load(saved),
    result: readResult(saved, name),
    calibration: saved.metadata.calibration === undefined ? null : readCalibration(saved, kindOf(name, settings)),
  };
}

/** The kind of interval that a model's own words allow. */
function kindOf(name: ModelName, settings: ModelSettings): IntervalKind {
  const loss = isMamba(name) ? settings[name].loss : null;
  return loss === 'gaussian' ? 'normalised' : loss === 'quantiles' ? 'quantiles' : 'absolute';
}

function readCalibration(saved: SavedModel, kind: IntervalKind): Calibration {
  const schema = calibrationSchema
    .refine((found) => found.kind === kind, { path: ['kind'], message: `must be "${kind}" for this model` })
    .refine(({ coverages }) => coverages.join() === calibratedCoverages.join(), {
      path: ['coverages'],
      message: `must be ${calibratedCoverages.join(', ')}`,
    });
  return readPlain(saved, 'calibration', schema);
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
