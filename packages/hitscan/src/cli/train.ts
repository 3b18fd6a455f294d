import { basename, extname, join } from 'node:path';
import { ConfigError, DataError } from '../errors.ts';
import { actualOf, type EvaluatedModel, type EvaluationStore, evaluateHoldout } from '../evaluate/holdout.ts';
import type { ModelResult, TrainingOutcome } from '../evaluate/results.ts';
import { createRegressor, type ModelName, type ModelSettings, modelNames } from '../models/catalogue.ts';
import type { FittedLinear } from '../models/linear.ts';
import type { SavedModel } from '../models/regressor.ts';
import { joinRows } from '../models/trainingRows.ts';
import { renderReport } from '../report/report.ts';
import { formatTable } from '../report/table.ts';
import { formatPredictions } from '../runs/predictions.ts';
import { createRunDirectory, openRunDirectory, type RunDirectory } from '../runs/runDirectory.ts';
import { formatRejects } from '../tracks/rejects.ts';
import { type Split, splitTracks } from '../tracks/split.ts';
import { version } from '../version.ts';
import {
  type Config,
  checkConfig,
  type GivenConfig,
  parseAssignments,
  readConfigFile,
  resolveConfig,
  settingsOf,
} from './config.ts';
import { Interrupted, listenForInterrupt } from './interrupt.ts';
import { type LoadedTracks, loadTracks } from './loadTracks.ts';
import { createReporter, type Reporter } from './progress.ts';

export interface TrainOptions extends GivenConfig {
  readonly set?: readonly string[];
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What `config.json` holds: enough to do the run again, or to go on with it. */
interface RunRecord {
  readonly hitscan: string;
  readonly command: 'train';
  readonly data: string | null;
  readonly config: Config;
  readonly settings: ModelSettings;
}

/** A run with all that it starts from. */
interface PreparedRun {
  readonly directory: RunDirectory;
  readonly record: RunRecord;
  readonly loaded: LoadedTracks;
  readonly split: Split;
}

/** The file of a fitted model: the chosen preset's Mamba is *the* model of a run, the others stand beside it. */
function modelFile(name: string, { preset }: Config): string {
  return name === `mamba-${preset}` ? 'model.safetensors' : `models/${name}.safetensors`;
}

/** Fewer rows leave no part of a split that means anything. */
const fewestRows = 20;

async function startRun(data: string | null, config: Config, out: string | null): Promise<PreparedRun> {
  const loaded = await loadTracks(data, config);
  const { tracks, rejects, quality } = loaded;
  if (tracks.count < fewestRows) {
    throw new DataError(tracks.source.name, `training needs at least ${fewestRows} usable rows, got ${tracks.count}`);
  }
  const { split: kind, seed, testShare, validationShare } = config;
  const split = splitTracks(tracks, { kind, seed, testShare, validationShare });
  const stem = data === null ? 'synthetic-twin' : basename(data, extname(data));
  const directory = createRunDirectory(stem.replace(/[^\w.-]+/g, '-').slice(0, 64), out);
  const { source } = tracks;
  const record: RunRecord = { hitscan: version, command: 'train', data, config, settings: settingsOf(config) };
  directory.writeJson('data.json', { ...source, rows: tracks.count, rejected: rejects.length, quality });
  if (rejects.length > 0) directory.writeText('rejects.csv', formatRejects(rejects));
  directory.writeJson('split.json', {
    ...split,
    train: [...split.train],
    validation: [...split.validation],
    test: [...split.test],
  });
  // Last, as its presence is what makes a folder a run that can be resumed.
  directory.writeJson('config.json', record);
  return { directory, record, loaded, split };
}

async function reopenRun(path: string): Promise<PreparedRun> {
  const directory = openRunDirectory(path);
  if (directory.has('metrics.json'))
    throw new ConfigError('--resume', `must be an unfinished run, ${path} is finished`);
  const record = directory.readJson('config.json') as RunRecord;
  const loaded = await loadTracks(record.data, record.config);
  const { sha256 } = directory.readJson('data.json') as { sha256: string };
  if (loaded.tracks.source.sha256 !== sha256) {
    throw new DataError(loaded.tracks.source.name, `must be unchanged since ${path} began, got other contents`);
  }
  const stored = directory.readJson('split.json') as Split;
  const split = {
    ...stored,
    train: Uint32Array.from(stored.train),
    validation: Uint32Array.from(stored.validation),
    test: Uint32Array.from(stored.test),
  };
  return { directory, record, loaded, split };
}

/** Keeps each finished model in its file, with its result among the file's metadata: one write, so never one without the other. */
function storeIn(directory: RunDirectory, { config, settings }: RunRecord): EvaluationStore {
  return {
    load(name) {
      const saved = directory.readModel(modelFile(name, config));
      if (!saved?.metadata.result) return null;
      const fitted = createRegressor(name as ModelName, settings).load(saved);
      return { fitted, result: JSON.parse(saved.metadata.result) };
    },
    save({ fitted, result }) {
      const saved = fitted.save();
      const metadata = { hitscan: version, ...saved.metadata, result: JSON.stringify(result) };
      directory.writeModel(modelFile(result.name, config), { ...saved, metadata } satisfies SavedModel);
    },
    checkpoints: (name) => directory.checkpoints(name),
  };
}

function describeOutcome(
  { directory, loaded, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
): TrainingOutcome {
  const { tracks, rejects } = loaded;
  return {
    run: directory.path,
    data: { source: tracks.source, rows: tracks.count, rejected: rejects.length },
    split,
    models: evaluated.map(({ result }) => result),
    testRows: split.test,
    testActual: actualOf(tracks, split.test),
    predictions: evaluated.map(({ fitted, result }) => ({
      name: result.name,
      predicted: fitted.predict(tracks, split.test),
    })),
  };
}

/** The document of `--json` and of metrics.json: an interface, see docs/architecture.md. */
function toDocument({ run, data, split, models }: TrainingOutcome) {
  return {
    run,
    data: {
      source: data.source.name,
      synthetic: data.source.synthetic,
      sha256: data.source.sha256,
      rows: data.rows,
      rejected: data.rejected,
    },
    split: {
      kind: split.kind,
      seed: split.seed,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      note: split.note,
    },
    models,
  };
}

/** Writes what a finished run has beside its models; metrics.json last, as it marks the run as finished. */
function finishRun(prepared: PreparedRun, evaluated: readonly EvaluatedModel[]): TrainingOutcome {
  const { directory, loaded, split } = prepared;
  const { tracks } = loaded;
  const outcome = describeOutcome(prepared, evaluated);
  const linear = evaluated.find(({ result }) => result.name === 'linear')?.fitted as FittedLinear | undefined;
  const trainActual = actualOf(tracks, joinRows(split.train, split.validation));
  const epochs = outcome.models.flatMap(({ name, history }) => history.map((epoch) => ({ model: name, ...epoch })));
  directory.writeText('history.jsonl', epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
  directory.writeText(
    'predictions.csv',
    formatPredictions(
      tracks,
      split,
      evaluated.map(({ fitted }) => fitted),
    ),
  );
  directory.writeText(
    'report.html',
    renderReport({ ...outcome, run: basename(directory.path) }, { linear: linear?.inference, trainActual }),
  );
  directory.writeJson('metrics.json', toDocument(outcome));
  directory.removeCheckpoints();
  return outcome;
}

function describeStart({ loaded, split, directory }: PreparedRun, reporter: Reporter): void {
  const { tracks, rejects } = loaded;
  const { source } = tracks;
  const kind = source.synthetic ? ' (synthetic: statistics of real songs, no real song)' : '';
  reporter.say(`Data: ${source.name}${kind}, ${tracks.count.toLocaleString('en-US')} songs`);
  if (rejects.length > 0) {
    reporter.say(`${rejects.length} rows set aside with their reasons in ${join(directory.path, 'rejects.csv')}`);
    reporter.say(`first: ${rejects[0].faults[0].message}`);
  }
  const { train, validation, test } = split;
  reporter.say(`Split: ${train.length} train, ${validation.length} validation, ${test.length} test. ${split.note}`);
}

function sayFinished(result: ModelResult, reporter: Reporter): void {
  reporter.say(`${result.name}: done in ${result.seconds.toFixed(1)} s, test MSE ${result.test.mse.toFixed(1)}`);
}

/** `hitscan train`: songs in, an honest comparison out. */
export async function train(data: string | undefined, options: TrainOptions): Promise<void> {
  const { set, config: configFile, printConfig, out, resume, json, quiet, ...flags } = options;
  const fromFile = configFile ? readConfigFile(configFile) : {};
  const config = resolveConfig(fromFile, parseAssignments(set ?? []), checkConfig('option', flags));
  if (printConfig) {
    process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    return;
  }
  if (resume && (data || out)) throw new ConfigError('--resume', 'takes neither data nor --out: the run has its own');
  const reporter = createReporter({
    quiet: quiet ?? false,
    stream: process.stderr,
    color: Boolean(process.stderr.isTTY) && !process.env.NO_COLOR,
  });
  const interrupt = listenForInterrupt();
  let prepared: PreparedRun | null = null;
  try {
    prepared = resume ? await reopenRun(resume) : await startRun(data ?? null, config, out ?? null);
    const { directory, record, loaded, split } = prepared;
    describeStart(prepared, reporter);
    // Hyperparameter tuning has its place here: it may see the training rows and choose `record.settings`.
    const names = modelNames.filter((name) => record.config.models.includes(name));
    const evaluated = await evaluateHoldout(
      loaded.tracks,
      split,
      names.map((name) => createRegressor(name, record.settings)),
      {
        seed: record.config.seed,
        store: storeIn(directory, record),
        signal: interrupt.signal,
        checkpointSeconds: record.config.checkpointSeconds,
        threads: record.config.threads,
        onProgress: reporter.progress,
        onFinish: (result) => sayFinished(result, reporter),
      },
    );
    const outcome = finishRun(prepared, evaluated);
    reporter.clear();
    process.stdout.write(json ? `${JSON.stringify(toDocument(outcome))}\n` : describeResult(outcome));
  } catch (error) {
    reporter.clear();
    if (error instanceof Interrupted && prepared) {
      const command = `npx hitscan train --resume ${quoteArgument(prepared.directory.path)}`;
      throw new Interrupted(`Interrupted. A checkpoint is written; go on with:\n  ${command}`);
    }
    throw error;
  } finally {
    interrupt.release();
  }
}

function describeResult(outcome: TrainingOutcome): string {
  const { source } = outcome.data;
  const data = source.synthetic ? `${source.name}: songs of the synthetic twin, no real ones` : source.name;
  return `${formatTable(outcome)}\n\nData: ${data}\nRun: ${outcome.run}\nReport: ${join(outcome.run, 'report.html')}\n`;
}

/** As a shell takes it. */
function quoteArgument(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
