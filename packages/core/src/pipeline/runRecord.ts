import { z } from 'zod';
import { DataError } from '../errors.ts';
import { mambaSettingsSchema } from '../models/mambaSettings.ts';
import { changeFields, renameHidden } from '../models/migrations.ts';
import { boostedSettingsSchema, forestSettingsSchema } from '../models/treeEnsemble.ts';
import { presetModel } from '../optionNames.ts';
import { checkSpace, renameInSpace, type SpaceDeclaration } from '../tune/searchSpace.ts';
import { configSchema, findClash, type RunConfig, settingsOf } from './configuration.ts';
import { putBack, type RunFiles } from './runFiles.ts';

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
  // Of an older version the number of threads stands here too; see timings.ts.
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

export function writeRecord(files: RunFiles, record: RunRecord | ContestRecord): void {
  files.writeJson(file, record);
}

/** Which command a run is of. Throws: DataError where it does not say. */
export function readCommand(files: RunFiles): RunCommandName {
  return files.readJson(file, z.looseObject({ command: z.enum(runCommands) }), putBack).command;
}

/** What an older version wrote, with its settings by the names that they have now. */
function migrateRecord(record: unknown): unknown {
  return changeFields(record, {
    config: renameHidden,
    settings: (settings) =>
      changeFields(settings, {
        'mamba-tokens': renameHidden,
        'mamba-untuned': renameHidden,
        'mamba-seed': renameHidden,
      }),
    space: (space) => renameInSpace(space, renameHidden),
  });
}

/** Throws: DataError where settings do not go together. */
function expectTogether(files: RunFiles, config: RunConfig): void {
  const clash = findClash(config);
  if (clash) throw new DataError(files.locate(file), `${clash.option} ${clash.rule}; ${putBack}`);
}

/** The record of a run of `train` or `tune`. Throws: DataError where it is not one that they write. */
export function readTrainingRecord(files: RunFiles): RunRecord {
  const record = files.readJson(file, trainingRecordSchema, putBack, migrateRecord);
  const { config, settings, space } = record;
  expectTogether(files, config);
  const own = presetModel(config.preset);
  const configured = settingsOf(config)[own];
  for (const [name, value] of Object.entries(configured)) {
    const found = settings[own][name as keyof typeof configured];
    if (found === value) continue;
    const where = `${files.locate(file)} settings.${own}.${name}`;
    throw new DataError(where, `must be ${value} as config has it, got ${found}; ${putBack}`);
  }
  // Runs of 0.1.0 kept conditions on settings that were given, and so were not searched.
  const fixed = Object.keys(settings[own]);
  if (Object.keys(space).length > 0) checkSpace(`${files.locate(file)} space`, space, config.tuneModel, fixed);
  return record;
}

/** The record of a run of `evaluate` or `investigate`. Throws: DataError where it is not one that they write. */
export function readContestRecord(files: RunFiles): ContestRecord {
  const record = files.readJson(file, contestRecordSchema, putBack, migrateRecord);
  expectTogether(files, record.config);
  return record;
}

/**
 * Whether a run has come to its end: whether it has its results' file.
 * Throws: DataError where something else stands in that file's place.
 */
export function isFinishedRun(files: RunFiles, results: string): boolean {
  if (!files.has(results)) return false;
  files.readJson(results, z.looseObject({ data: z.looseObject({}) }), 'remove it: --resume writes it again');
  return true;
}
