import { ConfigError } from '../errors.ts';
import { evaluateHoldout } from '../evaluate/holdout.ts';
import type { TrainingOutcome } from '../evaluate/results.ts';
import { createRegressor } from '../models/catalogue.ts';
import { type ModelName, modelNames, type TunableName } from '../optionNames.ts';
import { openParts } from '../parts.ts';
import { chooseSampler } from '../tune/chooseSampler.ts';
import { leaveOutGiven, quickSpace, type SpaceDeclaration, spaces } from '../tune/searchSpace.ts';
import { type Config, type GivenConfig, resolveConfig } from './configuration.ts';
import type { Environment } from './events.ts';
import { finishRun, toDocument } from './finishing.ts';
import type { Machine, StudyStorages } from './host.ts';
import { gainInsight, predictHits } from './insight.ts';
import { measureRunIntervals } from './intervals.ts';
import { modelFile, openModelStore } from './modelStore.ts';
import type { PreparedRun, TrainingCommand } from './preparedRun.ts';
import { tellOfSongs } from './runSongs.ts';
import { applySearch, searchSettings } from './search.ts';

/** What a search for settings is when it is what the command is for: longer, on more folds, a trial on every core. */
function tuneDefaults(model: TunableName, threads: number): GivenConfig {
  const tuned: readonly ModelName[] = model === 'mamba-tokens' ? [model, 'mamba-untuned'] : [model];
  return {
    tune: 100,
    tuneFolds: 5,
    tuneJobs: threads,
    models: ['mean', 'linear', ...tuned],
  };
}

/** Throws: ConfigError where a search has nothing to search for, or there is none where one is asked for. */
function checkSearchSpace(
  command: TrainingCommand,
  { tune, tuneSampler, seed }: Config,
  { space, given }: { readonly space: SpaceDeclaration; readonly given: boolean },
): void {
  if (command === 'tune' && tune === 0)
    throw new ConfigError('--trials', 'must be at least 1, got 0; train --tune 0 trains without tuning');
  if (tune === 0 && given) throw new ConfigError('--space', 'must come with tuning, got none (tune: 0)');
  if (tune === 0) return;
  if (Object.keys(space).length === 0)
    throw new ConfigError('--tune', 'must have a setting to search for, all of them are given; take --tune 0');
  // A grid has to be finite.
  chooseSampler(tuneSampler, { seed, space });
}

/** A training as it is asked for, before there are songs. */
export interface TrainingPlan {
  readonly command: TrainingCommand;
  readonly config: Config;
  readonly space: SpaceDeclaration;
  /** Where the study lies that is not to be among the run's files, with its password; null for none. */
  readonly storageAddress: string | null;
}

/**
 * What a command's given settings mean. `readSpace` gives the search space that somebody has declared for a model, null where
 * nobody has. Throws: ConfigError.
 */
export function planTraining(
  command: TrainingCommand,
  given: GivenConfig,
  readSpace: (model: TunableName) => SpaceDeclaration | null,
  { machine, studies }: { readonly machine: Machine; readonly studies: StudyStorages },
): TrainingPlan {
  const model = given.tuneModel ?? 'mamba-tokens';
  const storageAddress = given.tuneStorage ?? null;
  // What is kept and shown has no password; it is for this process alone.
  const shown = storageAddress ? { ...given, tuneStorage: studies.withoutPassword(storageAddress) } : given;
  const config = resolveConfig(machine.threads, command === 'tune' ? tuneDefaults(model, machine.threads) : {}, shown);
  const declared = readSpace(model);
  const usual = command === 'tune' || model !== 'mamba-tokens' ? spaces[model] : quickSpace;
  const space = declared ?? (model === 'mamba-tokens' ? leaveOutGiven(usual, given) : usual);
  checkSearchSpace(command, config, { space, given: declared !== null });
  return { command, config, space, storageAddress };
}

/** What comes of a training. */
export interface TrainingEnd {
  readonly outcome: TrainingOutcome;
  /** The document of `--json`. */
  readonly document: object;
}

/**
 * Searches for settings, fits every model with them, measures how far each can be trusted and why it predicts what it does, and
 * writes the run's files. What a run already has is kept. Throws `signal.reason` when interrupted.
 */
export async function runTraining(prepared: PreparedRun, environment: Environment): Promise<TrainingEnd> {
  const { files, record, timings, songs, split } = prepared;
  const { config } = record;
  const { host, signal, onEvent } = environment;
  tellOfSongs(files, songs, environment);
  onEvent({ kind: 'split', split });
  const search = await searchSettings(prepared, environment);
  const settings = applySearch(record.settings, search);
  const names = modelNames.filter((name) => config.models.includes(name));
  const store = openModelStore(prepared);
  const evaluated = await evaluateHoldout(
    songs.tracks,
    split,
    names.map((name) => createRegressor(name, settings, config.context)),
    {
      seed: config.seed,
      store,
      signal,
      checkpointSeconds: config.checkpointSeconds,
      threads: timings.threads,
      memoryBytes: host.machine.memoryBytes,
      onProgress: (model, progress) => onEvent({ kind: 'fit', model, progress }),
      onFinish: (result) => onEvent({ kind: 'model', result }),
    },
  );
  // What somebody has removed since it was written is written again.
  for (const one of evaluated) if (!files.has(modelFile(one.result.name, config))) store.save(one);
  const parts = openParts((omission) => onEvent({ kind: 'omitted', omission }), signal);
  const options = { settings, store, parts, environment };
  const findings = {
    intervals: await measureRunIntervals(prepared, evaluated, options),
    probabilities: await parts.attemptLater('probabilities of hits', [], () => predictHits(prepared)),
    insight: await gainInsight(prepared, evaluated, options),
  };
  const outcome = await finishRun(prepared, evaluated, { settings, search, findings, parts, environment });
  return { outcome, document: toDocument(outcome, search?.located ?? null) };
}
