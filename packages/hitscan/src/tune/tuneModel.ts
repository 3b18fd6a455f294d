import { createHash } from 'node:crypto';
import { ConfigError } from '../errors.ts';
import { type Settings, settingsSchemas } from '../models/tunable.ts';
import type { Fold } from '../tracks/folds.ts';
import { version } from '../version.ts';
import { type Choice, contains, toInternal } from './distributions.ts';
import type { ObjectiveName } from './names.ts';
import type { Pruner } from './pruner.ts';
import { findBest, runStudy, type StudyProgress } from './runStudy.ts';
import type { Sampler } from './sampler.ts';
import { type SpaceDeclaration, selectSettings } from './searchSpace.ts';
import type { Storage } from './storage.ts';
import { createStudy, openStudy, type Study } from './study.ts';
import type { Attributes, Trial } from './trial.ts';
import type { TrialData } from './trialRunner.ts';
import type { TrialThread } from './trialThread.ts';

export interface TuneOptions {
  readonly data: TrialData;
  readonly space: SpaceDeclaration;
  /** The settings to begin with: those of the first trial, and of all others where the space says nothing. */
  readonly base: Settings;
  readonly seed: number;
  readonly objectives: readonly ObjectiveName[];
  /** Finished trials that the study is to have in the end. */
  readonly trials: number;
  readonly timeoutSeconds: number;
  readonly storage: Storage;
  /** The study's name in the storage; one that is there is gone on with. */
  readonly study: string;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  readonly threads: readonly TrialThread[];
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

/** What must be the same for trials to be comparable. */
function identify({ tracks, folds, model, context }: TrialData): Attributes {
  const hash = createHash('sha256');
  const put = ({ train, heldOut }: Fold) => hash.update(train).update('|').update(heldOut).update(';');
  folds.forEach(put);
  return {
    hitscan: version,
    model,
    context: [...context],
    data: tracks.source.sha256,
    split: hash.digest('hex'),
    folds: folds.length,
  };
}

async function openOrCreate(options: TuneOptions): Promise<Study> {
  const { storage, study: name, pruner, sampler, objectives } = options;
  const directions = objectives.map(() => 'minimize' as const);
  const known = (await storage.listStudies()).find((record) => record.name === name);
  return known
    ? openStudy({ storage, name, sampler, pruner })
    : createStudy({ storage, name, sampler, pruner }, directions);
}

/** Throws: ConfigError where the study's trials were run on other data, folds or models. */
function requireSame(study: Study, identity: Attributes): void {
  // A newer version may go on with an older one's study.
  const { hitscan: _, ...decisive } = identity;
  for (const [key, value] of Object.entries(decisive)) {
    const before = study.userAttributes[key];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value)) {
      const rule = `the study was begun with another ${key} (${JSON.stringify(before)}, now ${JSON.stringify(value)})`;
      throw new ConfigError('--study', `${rule}; name another study`);
    }
  }
}

/** The base's place in the space: what the first trial is given. */
function placeBase(base: Settings, space: SpaceDeclaration): Record<string, Choice> {
  const given: Record<string, Choice> = {};
  for (const [name, dimension] of Object.entries(space)) {
    const value = base[name];
    const fits =
      dimension.kind === 'categorical'
        ? dimension.choices.includes(value)
        : value !== null && contains(dimension, toInternal(dimension, value));
    if (fits) given[name] = value;
  }
  return given;
}

/**
 * Looks for a model's settings with the smallest error over the folds, and keeps every trial in the storage as it ends. The
 * first trial is the base, so that what is found is never worse by the same measure. Throws: ConfigError.
 */
export async function tuneModel(options: TuneOptions): Promise<Tuned> {
  const { data, space, base } = options;
  const identity = { ...identify(data), objectives: [...options.objectives] };
  const study = await openOrCreate(options);
  requireSame(study, identity);
  // Without trials it is new, or its process was killed before it had said all of this.
  if ((await study.readTrials()).length === 0) {
    for (const [key, value] of Object.entries(identity)) await study.setAttribute(key, value);
  }
  const trials = await runStudy(study, { ...options, first: placeBase(base, space), attributes: identity });
  const best = findBest(trials);
  return { trials, best, settings: best ? selectSettings(base, best, settingsSchemas[data.model]) : base };
}
