import { join } from 'node:path';
import { ConfigError } from '../errors.ts';
import { actualOf } from '../evaluate/actual.ts';
import type { ModelSettings } from '../models/catalogue.ts';
import type { TunableName } from '../models/modelNames.ts';
import { joinRows } from '../models/trainingRows.ts';
import { boostedDefaults, forestDefaults } from '../models/treeSettings.ts';
import type { Settings } from '../models/tunable.ts';
import { cutFolds } from '../tracks/folds.ts';
import { choosePruner, stepsFor } from '../tune/choosePruner.ts';
import { chooseSampler } from '../tune/chooseSampler.ts';
import { measureImportances } from '../tune/importance.ts';
import type { ObjectiveName } from '../tune/names.ts';
import { findParetoFront } from '../tune/paretoFront.ts';
import type { StudyProgress } from '../tune/runStudy.ts';
import { openStorage } from '../tune/storages/openStorage.ts';
import { showStorageAddress } from '../tune/storages/storageAddress.ts';
import type { Trial } from '../tune/trial.ts';
import type { TrialData } from '../tune/trialRunner.ts';
import { runTrialsHere, startTrialThread } from '../tune/trialThread.ts';
import { tuneModel } from '../tune/tuneModel.ts';
import type { Config } from './config.ts';
import { writeTrialEvents } from './events.ts';
import type { PreparedRun } from './preparedRun.ts';
import { formatSeconds, type Reporter } from './progress.ts';

/** What a finished search leaves in the run's folder, for the rest of the run and for people. */
export interface TuningResult {
  readonly study: string;
  readonly storage: string;
  readonly folds: number;
  readonly trials: number;
  readonly pruned: number;
  readonly failed: number;
  /** Of the settings from which the search began, on the same folds; null where that trial did not end. */
  readonly baseError: number | null;
  readonly bestTrial: number | null;
  /** Mean squared error over the folds of the training rows. */
  readonly bestError: number | null;
  /** The trials that no other is better than in every objective; the best alone where there is one. */
  readonly paretoFront: readonly { readonly trial: number; readonly values: Readonly<Record<string, number>> }[];
  /** How much each setting had to do with being among the best tenth, as shares of 1, largest first (PED-ANOVA). */
  readonly importances: Readonly<Record<string, number>>;
  readonly model: TunableName;
  readonly settings: Settings;
}

const resultFile = 'tuning.json';

/** Whether the run looks for settings before it trains. */
export function tunes({ record }: PreparedRun): boolean {
  const { tune, tuneModel, preset, models } = record.config;
  return tune > 0 && models.includes(tuneModel) && (tuneModel !== 'mamba-tokens' || preset === 'tokens');
}

function describeProgress({ finished, wanted, pruned, failed, running, best, perMinute, secondsLeft }: StudyProgress) {
  const found = best
    ? `best ${(best.values as readonly number[])[0].toFixed(2)} (trial ${best.number})`
    : 'no trial yet';
  const others = failed > 0 ? ` · ${failed} failed` : '';
  return {
    place: `tuning  trial ${String(finished).padStart(String(wanted).length)}/${wanted}`,
    share: Math.min(1, finished / wanted),
    rest: `${found} · ${running} running · ${pruned} pruned${others} · ${perMinute.toFixed(0)}/min · ${formatSeconds(secondsLeft)} left`,
  };
}

function errorOf(trial: Trial | undefined | null): number | null {
  return trial?.state === 'complete' ? (trial.values?.[0] ?? null) : null;
}

/** A folder's study lies beside its other files; one elsewhere may be shared. */
function storageOf({ directory, record, storageAddress }: PreparedRun): string {
  return storageAddress ?? record.config.tuneStorage ?? join(directory.path, 'study.journal');
}

/**
 * Opens the storage that a run is to have elsewhere, and reads what studies there are, before anything is made of the run.
 * Throws: ConfigError, DataError.
 */
export async function checkStorage({ tune, tuneStorage }: Config, { say }: Reporter): Promise<void> {
  if (tune === 0 || tuneStorage === null) return;
  const storage = await openStorage(tuneStorage, { notify: say });
  try {
    await storage.listStudies();
  } finally {
    await storage.close();
  }
}

/** The error of a model that predicts the mean of these values for all of them. */
function measureVariance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

function listParetoFront(trials: readonly Trial[], objectives: readonly ObjectiveName[]): TuningResult['paretoFront'] {
  const directions = objectives.map(() => 'minimize' as const);
  return findParetoFront(trials, directions).map(({ number, values }) => ({
    trial: number,
    values: Object.fromEntries(objectives.map((name, i) => [name, (values as readonly number[])[i]])),
  }));
}

function describeResult({ baseError, bestError, bestTrial, trials, pruned, folds }: TuningResult): string {
  if (bestError === null) return `Tuning: none of ${trials} trials was completed; the settings stay as they are.`;
  const base = baseError === null ? '' : `, ${baseError.toFixed(2)} before`;
  const found = bestTrial === 0 ? 'the settings at the start were the best' : `trial ${bestTrial} was the best`;
  return `Tuning: ${trials} trials, ${pruned} of them pruned; ${found}: MSE ${bestError.toFixed(2)} over ${folds} folds of the training rows${base}.`;
}

/** The settings from which a search begins. */
function findBase(settings: ModelSettings, model: TunableName): Settings {
  if (model === 'mamba-tokens') return settings[model];
  return settings[model] ?? (model === 'forest' ? forestDefaults : boostedDefaults);
}

/**
 * Looks for better settings of a model on folds of the training rows, and returns all models' settings with those found.
 * What was found before an interruption is kept. Throws `signal.reason` when interrupted.
 */
export async function tuneSettings(
  prepared: PreparedRun,
  reporter: Reporter,
  signal: AbortSignal,
  onTrial: (trial: Trial) => void,
): Promise<ModelSettings> {
  const { directory, record, loaded, split } = prepared;
  const { config, settings, space } = record;
  if (!tunes(prepared)) return settings;
  const known = readTuning(prepared);
  if (known) return { ...settings, [known.model]: known.settings };

  const { tracks } = loaded;
  const rows = joinRows(split.train, split.validation);
  const kind = config.split === 'artist' ? 'artist' : 'random';
  const folds = cutFolds(tracks, rows, { kind, folds: config.tuneFolds, seed: config.seed });
  const model = config.tuneModel;
  const base = findBase(settings, model);
  // Unless their number is searched for, trials are of one network, whatever is trained at the end.
  const alone = 'ensemble' in base && !('ensemble' in space);
  const steps = stepsFor(config.tunePruner, model, base);
  const data: TrialData = { tracks, folds, model, context: config.context, steps };
  const threads =
    config.tuneJobs === 1
      ? [runTrialsHere(data, config.threads)]
      : Array.from({ length: config.tuneJobs }, () => startTrialThread(data));
  const { sampler, mostTrials } = chooseSampler(config.tuneSampler, { seed: config.seed, space });
  const address = storageOf(prepared);
  const storage = await openStorage(address, { notify: reporter.say });
  try {
    const {
      trials,
      best,
      settings: found,
    } = await tuneModel({
      data,
      space,
      base: alone ? { ...base, ensemble: 1 } : base,
      seed: config.seed,
      trials: Math.min(config.tune, mostTrials),
      timeoutSeconds: config.tuneTimeout ?? Number.POSITIVE_INFINITY,
      storage,
      study: config.tuneStudy,
      sampler,
      pruner: choosePruner(config.tunePruner, { ignorantError: measureVariance(actualOf(tracks, rows)), steps }),
      objectives: config.tuneObjectives,
      threads,
      signal,
      notify: reporter.say,
      onProgress: (progress) => reporter.draw(describeProgress(progress)),
      onTrial: (trial) => {
        writeTrialEvents(directory, trial);
        onTrial(trial);
      },
    });
    if (signal.aborted) throw signal.reason;
    const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
    const result: TuningResult = {
      study: config.tuneStudy,
      storage: showStorageAddress(address),
      folds: folds.length,
      trials: count('complete') + count('pruned'),
      pruned: count('pruned'),
      failed: count('fail'),
      baseError: errorOf(trials[0]),
      bestTrial: best?.number ?? null,
      bestError: errorOf(best),
      paretoFront: listParetoFront(trials, config.tuneObjectives),
      importances: Object.fromEntries(measureImportances(trials, 'minimize')),
      model,
      settings: alone ? { ...found, ensemble: base.ensemble as number } : found,
    };
    if (result.trials === 0) {
      const [first] = trials.filter(({ state }) => state === 'fail');
      const reason = first ? `; the first failed with ${JSON.stringify(first.systemAttributes.fail_reason)}` : '';
      throw new ConfigError('--tune', `at least one trial must come to its end, got none${reason}`);
    }
    directory.writeJson(resultFile, result);
    reporter.say(describeResult(result));
    return { ...settings, [model]: result.settings };
  } finally {
    await storage.close();
  }
}

/** What the search found; null before its end, and in a run without one. */
export function readTuning({ directory }: Pick<PreparedRun, 'directory'>): TuningResult | null {
  return directory.has(resultFile) ? (directory.readJson(resultFile) as TuningResult) : null;
}

/** The study's trials, for the report. */
export async function readStudyTrials(prepared: PreparedRun): Promise<readonly Trial[]> {
  const storage = await openStorage(storageOf(prepared));
  try {
    const study = (await storage.listStudies()).find(({ name }) => name === prepared.record.config.tuneStudy);
    return study ? await storage.readTrials(study.id) : [];
  } finally {
    await storage.close();
  }
}
