import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@hitscan/core/errors';
import type { ModelResult, TrainingOutcome } from '@hitscan/core/evaluate';
import { evaluateHoldout } from '@hitscan/core/evaluate';
import { createRegressor } from '@hitscan/core/models';
import type { ModelName, TunableName } from '@hitscan/core/optionNames';
import { modelNames } from '@hitscan/core/optionNames';
import { openParts } from '@hitscan/core/parts';
import { formatJson, showLine } from '@hitscan/core/quoteValue';
import { formatTable, warnOfFew } from '@hitscan/core/report';
import { chooseSampler, leaveOutGiven, quickSpace, type SpaceDeclaration, spaces } from '@hitscan/core/tune';
import { withoutPassword } from '../storages/storageAddress.ts';
import { type Config, type GivenConfig, resolveConfig } from './config.ts';
import { gainInsight, predictHits } from './explaining.ts';
import { type Findings, finishRun, toDocument } from './finishing.ts';
import { Interrupted } from './interrupt.ts';
import { measureRunIntervals } from './intervals.ts';
import { describeTable } from './loadTracks.ts';
import { openTracking, type Tracking } from './mlflow.ts';
import { type Command, modelFile, type NewRun, type PreparedRun, reopenRun, startRun, storeIn } from './preparedRun.ts';
import type { Reporter } from './progress.ts';
import { checkResume, gatherSettings, holdSession, printConfig, type RunOptions, type Session } from './session.ts';
import { readSpaceFile } from './spaceFile.ts';
import { checkSharedStudy, locateTuning, tuneSettings } from './tuning.ts';

export interface TrainOptions extends RunOptions {
  readonly space?: string;
  readonly mlflow?: string;
}

function describeStart({ loaded, split, directory }: PreparedRun, reporter: Reporter): void {
  const { tracks, rejects } = loaded;
  reporter.say(describeTable(tracks));
  if (rejects.length > 0) {
    reporter.say(
      `${rejects.length} rows set aside with their reasons in ${showLine(join(directory.path, 'rejects.csv'))}`,
    );
    reporter.say(`first: ${rejects[0].faults[0].message}`);
  }
  const { train, validation, test } = split;
  reporter.say(`Split: ${train.length} train, ${validation.length} validation, ${test.length} test. ${split.note}`);
}

function sayFinished(result: ModelResult, reporter: Reporter): void {
  reporter.say(`${result.name}: done in ${result.seconds.toFixed(1)} s, test MSE ${result.test.mse.toFixed(1)}`);
}

/** What a search for settings is when it is what the command is for: longer, on more folds, a trial on every core. */
function tuneDefaults(model: TunableName): GivenConfig {
  const tuned: readonly ModelName[] = model === 'mamba-tokens' ? [model, 'mamba-untuned'] : [model];
  return {
    tune: 100,
    tuneFolds: 5,
    tuneJobs: availableParallelism(),
    models: ['mean', 'linear', ...tuned],
  };
}

/** Where settings are looked for: a file's space, or the command's, without those that were given. */
function chooseSpace(
  command: Command,
  file: string | undefined,
  { given, model }: { readonly given: GivenConfig; readonly model: TunableName },
): SpaceDeclaration {
  if (file !== undefined) return readSpaceFile(file, model);
  const space = command === 'tune' || model !== 'mamba-tokens' ? spaces[model] : quickSpace;
  return model === 'mamba-tokens' ? leaveOutGiven(space, given) : space;
}

/** Throws: ConfigError where a search has nothing to look for, or there is none where one is asked for. */
function checkSearchSpace(
  command: Command,
  { tune, tuneSampler, seed }: Config,
  { space, given }: { readonly space: SpaceDeclaration; readonly given: boolean },
): void {
  if (command === 'tune' && tune === 0)
    throw new ConfigError('--trials', 'must be at least 1, got 0; train --tune 0 looks for no settings');
  if (tune === 0 && given) throw new ConfigError('--space', 'must have a search for settings, got none (tune: 0)');
  if (tune === 0) return;
  if (Object.keys(space).length === 0)
    throw new ConfigError('--tune', 'must have a setting to look for, all of them are given; take --tune 0');
  // A grid has to be finite.
  chooseSampler(tuneSampler, { seed, space });
}

/** What is kept and shown of settings; the password is for this process alone. */
function hidePassword(given: GivenConfig): GivenConfig {
  return given.tuneStorage ? { ...given, tuneStorage: withoutPassword(given.tuneStorage) } : given;
}

/** `hitscan train` and `hitscan tune`: songs in, settings found, an honest comparison out. */
export async function train(command: Command, data: string | undefined, options: TrainOptions): Promise<void> {
  const { space: spaceFile, mlflow, ...runOptions } = options;
  const given = gatherSettings(runOptions);
  const model = given.tuneModel ?? 'mamba-tokens';
  const config = resolveConfig(command === 'tune' ? tuneDefaults(model) : {}, hidePassword(given));
  const space = chooseSpace(command, spaceFile, { given, model });
  checkSearchSpace(command, config, { space, given: spaceFile !== undefined });
  if (options.printConfig) return printConfig(config);
  checkResume(data, options);
  await holdSession(options, async (session) => {
    const { resume, out = null, json } = options;
    const started = new Date();
    const storageAddress = given.tuneStorage ?? null;
    const check: NewRun['check'] = (record, songs) =>
      checkSharedStudy(storageAddress, record, { ...songs, notify: session.reporter.say });
    const opened = await (resume
      ? reopenRun(resume, config, session)
      : startRun({ command, data: data ?? null, config, space, out, check }, session));
    const prepared = resume ? opened : { ...opened, storageAddress };
    const { directory, record } = prepared;
    session.begin({ command: record.command, folder: directory.path, kept: 'A checkpoint is written.' });
    describeStart(prepared, session.reporter);
    const tracking = await openTracking(prepared, { url: mlflow, started, reporter: session.reporter });
    try {
      const outcome = await trainModels(prepared, { session, started, tracking });
      await tracking?.end('FINISHED');
      return json ? `${formatJson(toDocument(outcome, locateTuning(prepared)))}\n` : describeResult(outcome);
    } catch (error) {
      session.reporter.clear();
      await tracking?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
      throw error;
    }
  });
}

/** Looks for settings, trains every model with them, and finds out how far they can be trusted and why they say so. */
async function trainModels(
  prepared: PreparedRun,
  {
    session: { reporter, signal },
    started,
    tracking,
  }: { readonly session: Session; readonly started: Date; readonly tracking: Tracking | null },
): Promise<TrainingOutcome> {
  const { directory, record, timings, loaded, split } = prepared;
  const { config } = record;
  const settings = await tuneSettings(prepared, reporter, signal, (trial) => tracking?.onTrial(trial));
  const names = modelNames.filter((name) => config.models.includes(name));
  const store = storeIn(prepared, settings);
  const evaluated = await evaluateHoldout(
    loaded.tracks,
    split,
    names.map((name) => createRegressor(name, settings, config.context)),
    {
      seed: config.seed,
      store,
      signal,
      checkpointSeconds: config.checkpointSeconds,
      threads: timings.threads,
      onProgress: reporter.progress,
      onFinish: (result) => {
        sayFinished(result, reporter);
        tracking?.onModel(result);
      },
    },
  );
  // What somebody has removed since it was written is written again.
  for (const one of evaluated) if (!directory.has(modelFile(one.result.name, config))) store.save(one);
  const parts = openParts((line) => reporter.warn(`hitscan: ${line}`));
  const options = { settings, reporter, signal, parts };
  const findings: Findings = {
    intervals: await measureRunIntervals(prepared, evaluated, options),
    probabilities: await parts.attemptLater('probabilities of hits', [], () => predictHits(prepared)),
    insight: await gainInsight(prepared, evaluated, options),
  };
  return finishRun(prepared, evaluated, { started, settings, findings, parts });
}

function describeResult(outcome: TrainingOutcome): string {
  const { source } = outcome.data;
  const data = source.synthetic ? `${source.name}: songs of the synthetic twin, no real ones` : source.name;
  const few = warnOfFew(outcome.standings.heldOut);
  return `${formatTable(outcome)}\n\n${few ? `${few}\n` : ''}Data: ${data}\nRun: ${showLine(outcome.run)}\nReport: ${showLine(join(outcome.run, 'report.html'))}\n`;
}
