import { type Settings, settingsSchemas } from '../models/tunable.ts';
import type { Choice } from './distributions.ts';
import { nameForStudy, nameSettings, nameStudySettings } from './parameterNames.ts';
import type { Processes } from './processes.ts';
import type { Pruner } from './pruner.ts';
import { findBest, runStudy, type StudyProgress } from './runStudy.ts';
import type { Sampler } from './sampler.ts';
import { canBe, type SpaceDeclaration, selectSettings } from './searchSpace.ts';
import type { Storage } from './storage.ts';
import { createStudy, openStudy, type Study } from './study.ts';
import { hasSettings, identifyMeasurement, identifyStudy, requireSame, type StudyPlan } from './studyIdentity.ts';
import { equalJson, type Trial } from './trial.ts';
import type { TrialThread } from './trialRunner.ts';

/** Where a study lies. */
export interface StudyPlace {
  readonly storage: Storage;
  /** The study's name in the storage; one that is there is gone on with. */
  readonly study: string;
}

export interface TuneOptions extends StudyPlan, StudyPlace {
  readonly seed: number;
  /** Finished trials that the study is to have in the end. */
  readonly trials: number;
  readonly timeoutSeconds: number;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  readonly threads: readonly TrialThread[];
  /** How this process is told from others that may run the study as well. */
  readonly processes: Processes;
  readonly signal: AbortSignal;
  onProgress?(progress: StudyProgress): void;
  onTrial?(trial: Trial): void;
  /** What people should know of other processes. */
  notify?(line: string): void;
}

export interface Tuned {
  readonly trials: readonly Trial[];
  /** The complete trial with the smallest error; null where none is complete. */
  readonly best: Trial | null;
  /** Its settings, or the base's. */
  readonly settings: Settings;
}

async function findStudy({ storage, study: name }: StudyPlace) {
  const records = await storage.listStudies();
  return { taken: records.map((record) => record.name), record: records.find((record) => record.name === name) };
}

/** Throws: ConfigError where the study is there and cannot be gone on with, see requireSame. */
export async function checkStudy(place: StudyPlace, plan: StudyPlan): Promise<void> {
  const { record } = await findStudy(place);
  if (!record) return;
  const trials = await place.storage.readTrials(record.id);
  // Read after its trials: another process may have begun the first one meanwhile, once it had said what they are of.
  const { record: known = record, taken } = await findStudy(place);
  requireSame(nameStudySettings(known), trials.map(nameSettings), { plan, taken });
}

async function openOrCreate(options: TuneOptions): Promise<Study> {
  const { storage, study: name, pruner, sampler, processes, objectives } = options;
  const directions = objectives.map(() => 'minimize' as const);
  const { record } = await findStudy({ storage, study: name });
  return record
    ? openStudy({ storage, name, sampler, pruner, processes })
    : createStudy({ storage, name, sampler, pruner, processes }, directions);
}

/** The base's place in the space: what its trial is given. */
function placeBase(base: Settings, space: SpaceDeclaration): Record<string, Choice> {
  const given: Record<string, Choice> = {};
  for (const [name, dimension] of Object.entries(space)) {
    if (canBe(dimension, base[name])) given[name] = base[name];
  }
  return given;
}

/**
 * Looks for a model's settings with the smallest error over the folds, and keeps every trial in the storage as it ends. The
 * first trial is the base, so that what is found is never worse by the same measure; in a study that was begun with another
 * base, the first one from here on. Throws: ConfigError, see requireSame.
 */
export async function tuneModel(plan: TuneOptions): Promise<Tuned> {
  await checkStudy(plan, plan);
  const options = nameForStudy(plan);
  const { data, space, base } = options;
  const study = await openOrCreate(options);
  const before = await study.readTrials();
  // Before the first trial it is new, or its process was killed before it had said all of this.
  if (before.every(({ state }) => state === 'waiting')) {
    for (const [key, value] of Object.entries(identifyStudy(options))) await study.setAttribute(key, value);
  }
  const given = placeBase(base, space);
  // By Optuna's attribute as well: a kill may come before a trial's settings are written, and a space may leave out the base.
  const isBase = (trial: Trial) => equalJson(trial.systemAttributes.fixed_params, given) || hasSettings(trial, base);
  const trials = await runStudy(study, {
    ...options,
    first: before.some(isBase) ? null : given,
    attributes: identifyMeasurement(options),
  });
  const best = findBest(trials);
  return {
    trials: trials.map(nameSettings),
    best: best && nameSettings(best),
    settings: best ? selectSettings(base, best, settingsSchemas[data.model]) : plan.base,
  };
}

/** The trial of the settings from which a search began, a complete one if there is any; null where there is none at all. */
export function findBaseTrial(trials: readonly Trial[], base: Settings): Trial | null {
  const found = trials.filter((trial) => hasSettings(trial, base));
  return found.find(({ state }) => state === 'complete') ?? found[0] ?? null;
}
