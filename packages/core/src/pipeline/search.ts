import { ConfigError } from '../errors.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { ModelSettings } from '../models/catalogue.ts';
import { changeFields, renameHidden } from '../models/migrations.ts';
import { joinRows } from '../models/trainingRows.ts';
import { boostedDefaults, forestDefaults } from '../models/treeEnsemble.ts';
import type { Settings } from '../models/tunable.ts';
import type { ObjectiveName, TunableName } from '../optionNames.ts';
import { variance } from '../statistics/moments.ts';
import { cutFolds } from '../tracks/folds.ts';
import type { Split } from '../tracks/split.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { choosePruner, stepsFor } from '../tune/choosePruner.ts';
import { chooseSampler } from '../tune/chooseSampler.ts';
import { measureImportances } from '../tune/importance.ts';
import { nameSettings } from '../tune/parameterNames.ts';
import { findParetoFront } from '../tune/paretoFront.ts';
import type { Storage } from '../tune/storage.ts';
import type { StudyPlan } from '../tune/studyIdentity.ts';
import type { Trial } from '../tune/trial.ts';
import { runTrialsHere, type TrialData } from '../tune/trialRunner.ts';
import { checkStudy, findBaseTrial, type Tuned, tuneModel } from '../tune/tuneModel.ts';
import type { Environment } from './events.ts';
import type { Machine } from './host.ts';
import type { PreparedRun } from './preparedRun.ts';
import { makeAgain } from './runFiles.ts';
import type { RunRecord } from './runRecord.ts';
import { type StudyTrials, type TuningResult, tuningResultSchema } from './tuningResult.ts';

const resultFile = 'tuning.json';
const studyFile = 'study.journal';

/** Whether the run looks for settings before it trains. */
export function tunes({ record }: Pick<PreparedRun, 'record'>): boolean {
  const { tune, tuneModel, preset, models } = record.config;
  return tune > 0 && models.includes(tuneModel) && (tuneModel !== 'mamba-tokens' || preset === 'tokens');
}

function errorOf(trial: Trial | undefined | null): number | null {
  return trial?.state === 'complete' ? (trial.values?.[0] ?? null) : null;
}

/** A run's study lies beside its other files; one elsewhere may be shared. */
function storageOf({ files, record, storageAddress }: PreparedRun): string {
  return storageAddress ?? record.config.tuneStorage ?? files.locate(studyFile);
}

function listParetoFront(trials: readonly Trial[], objectives: readonly ObjectiveName[]): TuningResult['paretoFront'] {
  const directions = objectives.map(() => 'minimize' as const);
  return findParetoFront(trials, directions).map(({ number, values }) => ({
    trial: number,
    values: Object.fromEntries(objectives.map((name, i) => [name, (values as readonly number[])[i]])),
  }));
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

function planSearch(
  { config, settings, space }: RunRecord,
  tracks: Tracks,
  split: Split,
  { memoryBytes }: Machine,
): SearchPlan {
  const rows = joinRows(split.train, split.validation);
  const kind = config.split === 'artist' ? 'artist' : 'random';
  const folds = cutFolds(tracks, rows, { kind, folds: config.tuneFolds, seed: config.seed });
  const { tuneModel: model, tuneObjectives: objectives, context } = config;
  const base = findBase(settings, model);
  const alone = 'ensemble' in base && !('ensemble' in space);
  const steps = stepsFor(config.tunePruner, model, base);
  const data: TrialData = { tracks, folds, model, context, steps, memoryBytes };
  return { data, space, base: alone ? { ...base, ensemble: 1 } : base, objectives, rows, alone };
}

/**
 * Asks the study that a run is to continue, where it lies elsewhere, before there is a run. `address`: of its storage, null
 * where it is to lie among the run's files. Throws: ConfigError where its trials cannot be compared with the run's.
 */
export async function checkSharedStudy(
  address: string | null,
  record: RunRecord,
  { tracks, split }: { readonly tracks: Tracks; readonly split: Split },
  environment: Environment,
): Promise<void> {
  if (address === null || !tunes({ record })) return;
  const storage = await openStorage(address, environment);
  try {
    await checkStudy(
      { storage, study: record.config.tuneStudy },
      planSearch(record, tracks, split, environment.host.machine),
    );
  } finally {
    await storage.close();
  }
}

function openStorage(address: string, { host, onEvent }: Environment): Promise<Storage> {
  return host.studies.open(address, (line) => onEvent({ kind: 'notice', line }));
}

/** What a search leaves to the rest of the run. */
export interface Search {
  readonly result: TuningResult;
  /** The document's form: with the study where a program that runs elsewhere finds it. */
  readonly located: TuningResult;
  /** The study's trials, for the report. */
  readTrials(): Promise<StudyTrials>;
}

/** All models' settings, with those that the search has found. */
export function applySearch(settings: ModelSettings, search: Search | null): ModelSettings {
  return search ? { ...settings, [search.result.model]: search.result.settings } : settings;
}

/**
 * Searches for better settings of a model on folds of the training rows; null where the run has none to search for. What was
 * found before an interruption is kept. Throws `signal.reason` when interrupted.
 */
export async function searchSettings(prepared: PreparedRun, environment: Environment): Promise<Search | null> {
  if (!tunes(prepared)) return null;
  const { files, record, songs, split } = prepared;
  const known = readTuning(prepared);
  const plan = planSearch(record, songs.tracks, split, environment.host.machine);
  const describe = (trials: readonly Trial[]): StudyTrials => ({
    trials,
    baseTrial: findBaseTrial(trials, plan.base)?.number ?? null,
  });
  const found = known ? null : await runSearch(prepared, plan, environment);
  const result = known ?? (found as FoundSettings).result;
  if (found) {
    files.writeJson(resultFile, result);
    const shared = record.config.tuneStorage !== null;
    environment.onEvent({ kind: 'searched', result, study: describe(found.trials), shared });
  }
  return {
    result,
    located: { ...result, storage: environment.host.studies.show(storageOf(prepared)) },
    readTrials: async () => describe(found ? found.trials : await readTrials(prepared, environment)),
  };
}

interface FoundSettings {
  readonly result: TuningResult;
  readonly trials: readonly Trial[];
}

async function runSearch(prepared: PreparedRun, plan: SearchPlan, environment: Environment): Promise<FoundSettings> {
  const { record, timings, songs } = prepared;
  const { config } = record;
  const { data, rows } = plan;
  const { host, signal, onEvent } = environment;
  const threads =
    config.tuneJobs === 1
      ? [runTrialsHere(data, timings.threads)]
      : Array.from({ length: config.tuneJobs }, () => host.machine.startTrialThread(data));
  const { sampler, mostTrials } = chooseSampler(config.tuneSampler, { seed: config.seed, space: record.space });
  const storage = await openStorage(storageOf(prepared), environment);
  try {
    const tuned = await tuneModel({
      ...plan,
      seed: config.seed,
      trials: Math.min(config.tune, mostTrials),
      timeoutSeconds: config.tuneTimeout ?? Number.POSITIVE_INFINITY,
      storage,
      study: config.tuneStudy,
      sampler,
      pruner: choosePruner(config.tunePruner, {
        ignorantError: variance(actualOf(songs.tracks, rows)),
        steps: data.steps,
      }),
      threads,
      processes: host.studies.processes,
      signal,
      notify: (line) => onEvent({ kind: 'notice', line }),
      onProgress: (progress) => onEvent({ kind: 'search', progress }),
      onTrial: (trial) => {
        timings.save();
        onEvent({ kind: 'trial', trial });
      },
    });
    if (signal.aborted) throw signal.reason;
    return { result: summarise(tuned, prepared, plan, environment), trials: tuned.trials };
  } finally {
    await storage.close();
  }
}

/** Throws: ConfigError where no trial has come to its end. */
function summarise(
  { trials, best, settings: found }: Tuned,
  { record: { config, settings } }: PreparedRun,
  { data, base, alone }: SearchPlan,
  { host }: Environment,
): TuningResult {
  const count = (state: Trial['state']) => trials.filter((trial) => trial.state === state).length;
  const ended = count('complete') + count('pruned');
  if (ended === 0) {
    const [first] = trials.filter(({ state }) => state === 'fail');
    const reason = first ? `; the first failed with ${JSON.stringify(first.systemAttributes.fail_reason)}` : '';
    throw new ConfigError('--tune', `at least one trial must come to its end, got none${reason}`);
  }
  return {
    study: config.tuneStudy,
    storage: config.tuneStorage === null ? studyFile : host.studies.show(config.tuneStorage),
    folds: data.folds.length,
    trials: ended,
    pruned: count('pruned'),
    failed: count('fail'),
    baseError: errorOf(findBaseTrial(trials, base)),
    bestTrial: best?.number ?? null,
    bestError: errorOf(best),
    paretoFront: listParetoFront(trials, config.tuneObjectives),
    importances: Object.fromEntries(measureImportances(trials, 'minimize')),
    model: data.model,
    settings: alone ? { ...found, ensemble: findBase(settings, data.model).ensemble } : found,
  };
}

/** What an older version wrote, with the settings by the names that they have now. */
function migrateResult(result: unknown): unknown {
  return changeFields(result, { settings: renameHidden, importances: renameHidden });
}

/** What the search found; null before its end, and in a run without one. */
export function readTuning({ files, record }: Pick<PreparedRun, 'files' | 'record'>): TuningResult | null {
  if (!files.has(resultFile)) return null;
  const { tuneModel } = record.config;
  const schema = tuningResultSchema.refine(({ model }) => model === tuneModel, {
    path: ['model'],
    message: `must be "${tuneModel}"`,
  });
  return files.readJson(resultFile, schema, makeAgain, migrateResult);
}

/** The trials of a search that had ended before the run was interrupted. */
async function readTrials(prepared: PreparedRun, environment: Environment): Promise<readonly Trial[]> {
  const storage = await openStorage(storageOf(prepared), environment);
  try {
    const study = (await storage.listStudies()).find(({ name }) => name === prepared.record.config.tuneStudy);
    return study ? (await storage.readTrials(study.id)).map(nameSettings) : [];
  } finally {
    await storage.close();
  }
}
