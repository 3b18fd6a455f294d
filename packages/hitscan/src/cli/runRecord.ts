import { join } from 'node:path';
import { checkRead } from '@hitscan/core/checked';
import { DataError } from '@hitscan/core/errors';
import { boostedSettingsSchema, forestSettingsSchema, mambaSettingsSchema, renameHidden } from '@hitscan/core/models';
import { checkSpace, renameInSpace, type SpaceDeclaration } from '@hitscan/core/tune';
import { z } from 'zod';
import { putBack } from '../runs/readRunFile.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { configSchema, findClash, type RunConfig, settingsOf } from './config.ts';

/** Commands that leave a run. */
export const runCommands = ['train', 'tune', 'evaluate', 'investigate'] as const;
export type RunCommandName = (typeof runCommands)[number];

const file = 'config.json';

const trainingRecordSchema = z.strictObject({
  /** The version that began the run. */
  hitscan: z.string(),
  command: z.enum(['train', 'tune']),
  /** The file of songs; null for the twin. */
  data: z.string().min(1).nullable(),
  // Of an older version the number of threads stands here too; see runs/timings.ts.
  config: configSchema.omit({ threads: true }).extend({ threads: configSchema.shape.threads.exactOptional() }),
  settings: z.strictObject({
    'mamba-tokens': mambaSettingsSchema,
    'mamba-untuned': mambaSettingsSchema,
    'mamba-seed': mambaSettingsSchema,
    forest: forestSettingsSchema.exactOptional(),
    boosted: boostedSettingsSchema.exactOptional(),
  }),
  /** Where better settings are looked for, where they are. */
  space: z.custom<SpaceDeclaration>((value) => z.record(z.string(), z.unknown()).safeParse(value).success, {
    message: 'must be an object',
  }),
});

/** What `config.json` holds of `train` and `tune`: enough to do the run again, or to go on with it. */
export type RunRecord = Readonly<z.infer<typeof trainingRecordSchema>>;

const contestRecordSchema = trainingRecordSchema
  .omit({ settings: true, space: true })
  .extend({ command: z.enum(['evaluate', 'investigate']) });

/** The same of `evaluate` and `investigate`. */
export type ContestRecord = Readonly<z.infer<typeof contestRecordSchema>>;

export function writeRecord(directory: RunDirectory, record: RunRecord | ContestRecord): void {
  directory.writeJson(file, record);
}

/** Which command a run is of. Throws: DataError where it does not say. */
export function readCommand(directory: RunDirectory): RunCommandName {
  return directory.readJson(file, z.looseObject({ command: z.enum(runCommands) }), putBack).command;
}

/** A run's record under its schema, with the settings by the names that they have now. Throws: DataError. */
function readRecord<T>(directory: RunDirectory, schema: z.ZodType<T>): T {
  const record = directory.readJson(file, z.record(z.string(), z.unknown()), putBack);
  const { settings, space } = record;
  const renamed = {
    ...record,
    config: renameHidden(record.config),
    ...(space !== undefined && { space: renameInSpace(space, renameHidden) }),
    ...(isObject(settings) && {
      settings: Object.fromEntries(Object.entries(settings).map(([name, values]) => [name, renameHidden(values)])),
    }),
  };
  return checkRead(join(directory.path, file), renamed, schema, putBack);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws: DataError where settings do not go together. */
function expectTogether(directory: RunDirectory, config: RunConfig): void {
  const clash = findClash(config);
  if (clash) throw new DataError(join(directory.path, file), `${clash.option} ${clash.rule}; ${putBack}`);
}

/** The record of a run of `train` or `tune`. Throws: DataError where it is not one that they write. */
export function readTrainingRecord(directory: RunDirectory): RunRecord {
  const record = readRecord(directory, trainingRecordSchema);
  const { config, settings, space } = record;
  expectTogether(directory, config);
  const own = `mamba-${config.preset}` as const;
  const configured = settingsOf(config)[own];
  for (const [name, value] of Object.entries(configured)) {
    const found = settings[own][name as keyof typeof configured];
    if (found === value) continue;
    const where = `${join(directory.path, file)} settings.${own}.${name}`;
    throw new DataError(where, `must be ${value} as config has it, got ${found}; ${putBack}`);
  }
  // Runs of 0.1.0 kept conditions on settings that were given, and so were not searched.
  const fixed = Object.keys(settings[own]);
  if (Object.keys(space).length > 0) checkSpace(`${join(directory.path, file)} space`, space, config.tuneModel, fixed);
  return record;
}

/** The record of a run of `evaluate` or `investigate`. Throws: DataError where it is not one that they write. */
export function readContestRecord(directory: RunDirectory): ContestRecord {
  const record = readRecord(directory, contestRecordSchema);
  expectTogether(directory, record.config);
  return record;
}

/**
 * Whether a run has come to its end: whether it has its results' file.
 * Throws: DataError where something else stands in that file's place.
 */
export function isFinished(directory: RunDirectory, results: string): boolean {
  if (!directory.has(results)) return false;
  directory.readJson(results, z.looseObject({ data: z.looseObject({}) }), 'remove it: --resume writes it again');
  return true;
}
