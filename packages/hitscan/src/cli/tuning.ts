import { join } from 'node:path';
import { ConfigError } from '@hitscan/core/errors';
import { actualOf } from '@hitscan/core/metrics';
import type { ModelSettings } from '@hitscan/core/models';
import { boostedDefaults, forestDefaults, joinRows, type Settings, settingsSchemas } from '@hitscan/core/models';
import type { ObjectiveName } from '@hitscan/core/optionNames';
import { type TunableName, tunableNames } from '@hitscan/core/optionNames';
import type { Rows, Split, Tracks } from '@hitscan/core/tracks';
import { cutFolds } from '@hitscan/core/tracks';
import type { StudyPlan, StudyProgress, Trial, TrialData } from '@hitscan/core/tune';
import {
  checkStudy,
  choosePruner,
  chooseSampler,
  findBaseTrial,
  findParetoFront,
  measureImportances,
  runTrialsHere,
  stepsFor,
  tuneModel,
} from '@hitscan/core/tune';
import { z } from 'zod';
import { makeAgain } from '../runs/readRunFile.ts';
import { openStorage } from '../storages/openStorage.ts';
import { showStorageAddress } from '../storages/storageAddress.ts';
import { identifyProcess } from '../workers/processes.ts';
import { startTrialThread } from '../workers/trialThread.ts';
import { writeMissingEvents, writeTrialEvents } from './events.ts';
import type { PreparedRun } from './preparedRun.ts';
import { formatSeconds, type Reporter } from './progress.ts';
import type { RunRecord } from './runRecord.ts';

/** What a finished search leaves in the run's folder, for the rest of the run and for people. */
export const tuningResultSchema = z
  .object({
    study: z.string(),
    /** An address, or the name of a file in the run's folder. */
    storage: z.string(),
    folds: z.int().min(0),
    trials: z.int().min(0),
    pruned: z.int().min(0),
    failed: z.int().min(0),
    /** Of the settings from which the search began, on the same folds; null where no trial of them is complete. */
    baseError: z.number().nullable(),
    bestTrial: z.int().min(0).nullable(),
    /** Mean squared error over the folds of the training rows. */
    bestError: z.number().nullable(),
    /** The trials that no other is better than in every objective; the best alone where there is one. */
    paretoFront: z
      .array(z.object({ trial: z.int().min(0), values: z.record(z.string(), z.number()).readonly() }).readonly())
      .readonly(),
    /** How much each setting had to do with being among the best tenth, as shares of 1, largest first (PED-ANOVA). */
    importances: z.record(z.string(), z.number().nullable()).readonly(),
    model: z.enum(tunableNames),
    settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).readonly(),
  })
  .superRefine(({ model, settings }, { addIssue }) => {
    const { error } = settingsSchemas[model].safeParse(settings);
    for (const issue of error?.issues ?? []) addIssue({ ...issue, path: ['settings', ...issue.path] });
  })
  .readonly();
export type TuningResult = z.infer<typeof tuningResultSchema>;

const resultFile = 'tuning.json';
const studyFile = 'study.journal';

/** Whether the run looks for settings before it trains. */
export function tunes({ record }: Pick<PreparedRun, 'record'>): boolean {
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
  return storageAddress ?? record.config.tuneStorage ?? join(directory.path, studyFile);
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

function describeResult(
  { baseError, bestError, bestTrial, trials, pruned, folds }: TuningResult,
  baseTrial: Trial | null,
): string {
  if (bestError === null) return `Tuning: none of ${trials} trials was completed; the settings stay as they are.`;
  const base = baseError === null ? '' : `, ${baseError.toFixed(2)} before`;
  const found =
    bestTrial === baseTrial?.number ? 'the settings at the start were the best' : `trial ${bestTrial} was the best`;
  return `Tuning: ${trials} trials, ${pruned} of them pruned; ${found}: MSE ${bestError.toFixed(2)} over ${folds} folds of the training rows${base}.`;
}

/** The settings from which a search begins. */
function findBase(settings: ModelSettings, model: TunableName): Settings {
  if (model === 'mamba-tokens') return settings[model];
  return settings[model] ?? (model === 'forest' ? forestDefaults : boostedDefaults);
}

/** What a search measures, and from which settings it begins. */
interface SearchPlan extends StudyPlan {
  /** The rows that folds are cut from. */
  readonly rows: Rows;
  /** Unless their number is searched for, trials are of one network, whatever is trained at the end. */
  readonly alone: boolean;
}

function planSearch({ config, settings, space }: RunRecord, tracks: Tracks, split: Split): SearchPlan {
  const rows = joinRows(split.train, split.validation);
  const kind = config.split === 'artist' ? 'artist' : 'random';
  const folds = cutFolds(tracks, rows, { kind, folds: config.tuneFolds, seed: config.seed });
  const { tuneModel: model, tuneObjectives: objectives, context } = config;
  const base = findBase(settings, model);
  const alone = 'ensemble' in base && !('ensemble' in space);
  const data: TrialData = { tracks, folds, model, context, steps: stepsFor(config.tunePruner, model, base) };
  return { data, space, base: alone ? { ...base, ensemble: 1 } : base, objectives, rows, alone };
}

/**
 * Asks the study that a run is to go on with, where it lies elsewhere, before there is a folder for the run. `address`: of its
 * storage, null for none elsewhere. Throws: ConfigError where its trials cannot be compared with the run's.
 */
export async function checkSharedStudy(
  address: string | null,
  record: RunRecord,
  { tracks, split, notify }: { readonly tracks: Tracks; readonly split: Split; notify(line: string): void },
): Promise<void> {
  if (address === null || !tunes({ record })) return;
  const storage = await openStorage(address, { notify });
  try {
    await checkStudy({ storage, study: record.config.tuneStudy }, planSearch(record, tracks, split));
  } finally {
    await storage.close();
  }
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
  const { directory, record, timings, loaded, split } = prepared;
  const { config, settings, space } = record;
  if (!tunes(prepared)) return settings;
  const known = readTuning(prepared);
  if (known) return { ...settings, [known.model]: known.settings };

  const plan = planSearch(record, loaded.tracks, split);
  const { data, rows, base, alone } = plan;
  const threads =
    config.tuneJobs === 1
      ? [runTrialsHere(data, timings.threads)]
      : Array.from({ length: config.tuneJobs }, () => startTrialThread(data));
  const { sampler, mostTrials } = chooseSampler(config.tuneSampler, { seed: config.seed, space });
  const storage = await openStorage(storageOf(prepared), { notify: reporter.say });
  try {
    const {
      trials,
      best,
      settings: found,
    } = await tuneModel({
      ...plan,
      seed: config.seed,
      trials: Math.min(config.tune, mostTrials),
      timeoutSeconds: config.tuneTimeout ?? Number.POSITIVE_INFINITY,
      storage,
      study: config.tuneStudy,
      sampler,
      pruner: choosePruner(config.tunePruner, {
        ignorantError: measureVariance(actualOf(loaded.tracks, rows)),
        steps: data.steps,
      }),
      threads,
      processes: identifyProcess(),
      signal,
      notify: reporter.say,
      onProgress: (progress) => reporter.draw(describeProgress(progress)),
      onTrial: (trial) => {
        timings.save();
        writeTrialEvents(directory, trial);
        onTrial(trial);
      },
    });
    if (signal.aborted) throw signal.reason;
    // A kill may have come after a trial's end and before its events. Of a study elsewhere, others may have run it.
    if (config.tuneStorage === null) writeMissingEvents(directory, trials);
    const baseTrial = findBaseTrial(trials, base);
    const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
    const result: TuningResult = {
      study: config.tuneStudy,
      storage: config.tuneStorage === null ? studyFile : showStorageAddress(config.tuneStorage),
      folds: data.folds.length,
      trials: count('complete') + count('pruned'),
      pruned: count('pruned'),
      failed: count('fail'),
      baseError: errorOf(baseTrial),
      bestTrial: best?.number ?? null,
      bestError: errorOf(best),
      paretoFront: listParetoFront(trials, config.tuneObjectives),
      importances: Object.fromEntries(measureImportances(trials, 'minimize')),
      model: data.model,
      settings: alone ? { ...found, ensemble: findBase(settings, data.model).ensemble } : found,
    };
    if (result.trials === 0) {
      const [first] = trials.filter(({ state }) => state === 'fail');
      const reason = first ? `; the first failed with ${JSON.stringify(first.systemAttributes.fail_reason)}` : '';
      throw new ConfigError('--tune', `at least one trial must come to its end, got none${reason}`);
    }
    directory.writeJson(resultFile, result);
    reporter.say(describeResult(result, baseTrial));
    return { ...settings, [data.model]: result.settings };
  } finally {
    await storage.close();
  }
}

/** What the search found; null before its end, and in a run without one. */
export function readTuning({ directory, record }: Pick<PreparedRun, 'directory' | 'record'>): TuningResult | null {
  if (!directory.has(resultFile)) return null;
  const { tuneModel } = record.config;
  const schema = tuningResultSchema.refine(({ model }) => model === tuneModel, {
    path: ['model'],
    message: `must be "${tuneModel}"`,
  });
  return directory.readJson(resultFile, schema, makeAgain);
}

/** What the search found, with the study where a program that runs in this folder finds it. */
export function locateTuning(prepared: PreparedRun): TuningResult | null {
  const found = readTuning(prepared);
  return found && { ...found, storage: showStorageAddress(storageOf(prepared)) };
}

/** The study's trials, for the report, and the number of the one with the settings from which the search began. */
export async function readStudyTrials(
  prepared: PreparedRun,
): Promise<{ readonly trials: readonly Trial[]; readonly baseTrial: number | null }> {
  const storage = await openStorage(storageOf(prepared));
  try {
    const study = (await storage.listStudies()).find(({ name }) => name === prepared.record.config.tuneStudy);
    const trials = study ? await storage.readTrials(study.id) : [];
    const { base } = planSearch(prepared.record, prepared.loaded.tracks, prepared.split);
    return { trials, baseTrial: findBaseTrial(trials, base)?.number ?? null };
  } finally {
    await storage.close();
  }
}
