import { z } from 'zod';
import { findFault } from '../checked.ts';
import { ConfigError } from '../errors.ts';
import { contextGroups } from '../features/context.ts';
import type { ModelSettings } from '../models/catalogue.ts';
import { expectMambaFits } from '../models/mamba.ts';
import type { TrainingSize } from '../models/mambaMemory.ts';
import { mambaSettingsSchema, presetSettings } from '../models/mambaSettings.ts';
import { renameHidden } from '../models/migrations.ts';
import {
  isMamba,
  type ModelName,
  mambaPresets,
  modelNames,
  objectiveNames,
  presets,
  protocolNames,
  prunerNames,
  samplerNames,
  tunableNames,
} from '../optionNames.ts';
import { quoteValue } from '../quoteValue.ts';
import { findMostSimilar } from '../statistics/similarity.ts';

/** Threads that a machine with many cores gets unasked: a batch has about as many shards. */
const mostThreads = 8;

/** A list in which nothing is named twice. */
const listOf = <const T extends readonly string[]>(names: T) =>
  z.array(z.enum(names)).refine((list) => new Set(list).size === list.length, 'must name each once');

const share = (description: string) => z.number().gt(0).lt(1).describe(description);

/** What a run may be told, all in one flat object. The Mamba settings are those of the chosen preset. */
const runSettingsSchema = z.strictObject({
  seed: z.int().min(0).describe('seed of the split, the initial weights, the order of rows and the dropout'),
  split: z.enum(['random', 'artist', 'time']).describe('how the test rows are chosen'),
  testShare: share('share of the rows held out to the end'),
  validationShare: share('share of the training rows watched for early stopping'),
  strict: z.boolean().describe('stop at the first bad row instead of setting it aside'),
  rows: z.int().min(20).max(10_000_000).describe('rows of the synthetic twin, where no data is named'),
  deterministic: z.boolean().describe('the same bytes on any machine, at about half the speed'),
  threads: z.int().min(1).max(64).describe('threads to train on; any number gives the same model'),
  checkpointSeconds: z.number().min(0).max(3600).describe('training time that an interruption can cost at most'),
  preset: z.enum(presets).describe('the Mamba model that the settings describe'),
  models: listOf(modelNames).min(1).describe('what to train'),
  context: listOf(contextGroups).describe('inputs beside audio: the artist’s other songs, the era'),
  protocol: z.enum(protocolNames).describe('how `evaluate` holds songs out'),
  folds: z.int().min(1).max(100).describe('parts that the protocol cuts the songs into'),
  repeats: z.int().min(1).max(1000).describe('how often the protocol cuts them anew'),
  cutoff: z.number().gt(0).max(100).describe('popularity from which a song counts as a hit'),
  explain: z.int().min(0).max(100_000).describe('held-out songs on which the model is explained, at most; 0 for none'),
  intervalFolds: z
    .int()
    .min(0)
    .max(20)
    .describe('folds of the training rows from which intervals are made; 0 for none')
    .refine((folds) => folds !== 1, 'must be 0 or at least 2'),
  tune: z.int().min(0).max(100_000).describe('trials of the search for settings before training; 0 for none'),
  tuneModel: z.enum(tunableNames).describe('the model to tune'),
  tuneFolds: z.int().min(2).max(20).describe('folds of the training rows on which a trial is measured'),
  tuneSampler: z.enum(samplerNames).describe('how a trial’s settings are chosen'),
  tunePruner: z.enum(prunerNames).describe('which trials are stopped early'),
  tuneObjectives: z
    .array(z.enum(objectiveNames))
    .min(1)
    .describe('what is to be small: the error over the folds, and the time or the size if they matter too'),
  tuneJobs: z
    .int()
    .min(1)
    .max(64)
    .describe('trials at a time; 1: one after the other, each on all threads, repeatable'),
  tuneTimeout: z.number().positive().nullable().describe('seconds after which no trial is begun; null for no limit'),
  tuneStudy: z.string().min(1).max(512).describe('name of the study; one that is in the storage is continued'),
  tuneStorage: z.string().min(1).nullable().describe('file or address of the study; null for study.journal in the run'),
});

export const configSchema = runSettingsSchema.extend(mambaSettingsSchema.shape);
export type Config = z.infer<typeof configSchema>;

/** What decides what a run finds: all settings but the number of threads, of which any gives the same. */
export type RunConfig = Omit<Config, 'threads'>;

const partialSchema = configSchema.partial();

/** Values given by options, by `--set` and in a file, before defaults. */
export type GivenConfig = Partial<Config>;

export const configKeys = Object.keys(configSchema.shape) as (keyof Config)[];

/** Checks values from one place. Throws: ConfigError naming the place, the key, the rule and the value. */
export function checkConfig(where: string, given: unknown): GivenConfig {
  const values = renameHidden(given);
  // Before the schema, to which a key such as __proto__ is none.
  const unknown = Object.keys(values ?? {}).find((key) => !configKeys.some((known) => known === key));
  if (unknown !== undefined && isObject(values))
    throw new ConfigError(
      where,
      `has no setting ${quoteValue(unknown)}; did you mean ${findMostSimilar(unknown, configKeys)?.name}?`,
    );
  const fault = findFault(values, partialSchema);
  if (!fault) return values as GivenConfig;
  const { field, rule, found } = fault;
  throw new ConfigError(field === '' ? where : `${where} ${field}`, `${rule}, got ${found}`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Settings that do not go together, by the option at fault and the rule that it breaks; null where all do. */
export function findClash(config: RunConfig): { readonly option: string; readonly rule: string } | null {
  const { preset, layers, dModel, loss, protocol, folds, tuneObjectives, tunePruner } = config;
  if (preset === 'seed' && (layers !== 1 || dModel !== 13))
    return { option: '--preset seed', rule: `has 1 layer of d_model 13, got ${layers} of ${dModel}` };
  if (preset === 'seed' && (loss === 'gaussian' || loss === 'quantiles')) {
    const rule = `predicts one number, so loss must be meanSquaredError or huber, got ${loss}`;
    return { option: '--preset seed', rule };
  }
  if (folds === 1 && (protocol === 'kfold' || protocol === 'artist'))
    return { option: '--folds', rule: `must be at least 2 for the protocol ${protocol}, got 1` };
  if (!tuneObjectives.includes('error'))
    return { option: '--objectives', rule: `must name error, got ${tuneObjectives.join(', ')}` };
  if (tuneObjectives.length > 1 && tunePruner !== 'none') {
    const rule = `must be none where there are several objectives, got ${tunePruner}`;
    return { option: '--pruner', rule };
  }
  return null;
}

/**
 * All settings: defaults, over which those of later places win. `machineThreads`: how many threads there are to work on.
 * Throws: ConfigError when the whole does not fit.
 */
export function resolveConfig(machineThreads: number, ...given: readonly GivenConfig[]): Config {
  const chosen: GivenConfig = Object.assign({}, ...given);
  const preset = chosen.preset ?? 'tokens';
  // The seed's network stands beside ours unless it alone was asked for.
  const models: ModelName[] = modelNames.filter(
    (name) => name !== 'mamba-untuned' && (preset === 'tokens' || name !== 'mamba-tokens'),
  );
  const several = (chosen.tuneObjectives ?? []).length > 1;
  // A search that nobody asked for takes place where there is something to look for.
  const searches = preset === 'tokens' && (chosen.models ?? models).includes(chosen.tuneModel ?? 'mamba-tokens');
  const config: Config = {
    seed: 1,
    split: 'random',
    testShare: 0.2,
    validationShare: 0.15,
    strict: false,
    rows: 4771,
    deterministic: false,
    threads: Math.min(mostThreads, machineThreads),
    checkpointSeconds: 2,
    preset,
    models,
    context: [],
    protocol: 'kfold',
    folds: 5,
    repeats: 3,
    cutoff: 75,
    explain: 300,
    intervalFolds: 5,
    tune: searches ? 20 : 0,
    tuneModel: 'mamba-tokens',
    tuneFolds: 3,
    tuneSampler: 'tpe',
    tunePruner: several ? 'none' : 'asha',
    tuneObjectives: ['error'],
    tuneJobs: 1,
    tuneTimeout: null,
    tuneStudy: 'hitscan',
    tuneStorage: null,
    ...presetSettings(preset, chosen.deterministic ?? false),
    ...chosen,
  };
  const clash = findClash(config);
  if (clash) throw new ConfigError(clash.option, clash.rule);
  checkSearch(config);
  // Tables keep their order whatever order was asked for, and so do a trial's values.
  return {
    ...config,
    models: modelNames.filter((name) => config.models.includes(name)),
    context: contextGroups.filter((group) => config.context.includes(group)),
    tuneObjectives: objectiveNames.filter((name) => config.tuneObjectives.includes(name)),
  };
}

/** Throws: ConfigError where a search could not be. */
function checkSearch({ tune, tuneModel, tuneObjectives, models, preset }: Config): void {
  if (new Set(tuneObjectives).size < tuneObjectives.length)
    throw new ConfigError('--objectives', `must name each once, got ${tuneObjectives.join(', ')}`);
  if (tune === 0) return;
  if (tuneModel === 'mamba-tokens' && preset !== 'tokens') {
    const rule = `must be tokens where mamba-tokens is tuned (tune: ${tune})`;
    throw new ConfigError('--preset', `${rule}, got ${preset}`);
  }
  if (!models.includes(tuneModel)) {
    const rule = `must name ${tuneModel} where it is tuned (tune: ${tune})`;
    throw new ConfigError('--models', `${rule}, got ${models.join(', ')}`);
  }
}

/** The settings of every model under a configuration: the chosen preset's as configured, the other's by default. */
export function settingsOf(config: RunConfig): ModelSettings {
  const own = Object.fromEntries(
    Object.keys(mambaSettingsSchema.shape).map((key) => [key, config[key as keyof RunConfig]]),
  );
  const configured = mambaSettingsSchema.parse(own);
  const settings = Object.entries(mambaPresets).map(([name, preset]) => [
    name,
    preset === config.preset ? configured : presetSettings(preset, config.deterministic),
  ]);
  return Object.fromEntries(settings) as ModelSettings;
}

/**
 * Refuses settings with which a model cannot fit in memory, before there is a run.
 * Throws: ConfigError with the estimate and the limit.
 */
export function expectModelsFit(models: readonly ModelName[], config: RunConfig, size: TrainingSize): void {
  const settings = settingsOf(config);
  for (const name of models.filter(isMamba)) expectMambaFits(mambaPresets[name], settings[name], config.context, size);
}
