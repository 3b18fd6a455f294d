import { noSummaries, summariseModels } from '../compare/summariseModels.ts';
import { measureModelHits } from '../evaluate/hits.ts';
import type { EvaluatedModel } from '../evaluate/holdout.ts';
import type { ModelIntervals, TestPredictions, TrainingOutcome } from '../evaluate/results.ts';
import { formatPredictions } from '../export/predictions.ts';
import { actualOf } from '../metrics/pairs.ts';
import type { ModelSettings } from '../models/catalogue.ts';
import type { FittedLinear } from '../models/linear.ts';
import { joinRows } from '../models/trainingRows.ts';
import { presetModel } from '../optionNames.ts';
import type { Parts } from '../parts.ts';
import { writeModelCard } from '../report/pages/modelCard.ts';
import { listUnknown } from '../tracks/learnable.ts';
import { groupCatalogues } from '../tracks/repeats.ts';
import type { Environment } from './events.ts';
import type { Insight } from './insight.ts';
import { summariseIntervals } from './intervals.ts';
import { type PreparedRun, resultsFile } from './preparedRun.ts';
import type { Search } from './search.ts';
import { describeTimes } from './timings.ts';
import type { StudyTrials, TuningResult } from './tuningResult.ts';

/** What is found out after all models are trained. */
export interface Findings {
  readonly intervals: readonly ModelIntervals[];
  readonly probabilities: readonly TestPredictions[];
  readonly insight: Insight;
}

/** With what a run is finished. */
export interface FinishingOptions {
  readonly settings: ModelSettings;
  /** Null where the run had none. */
  readonly search: Search | null;
  readonly findings: Findings;
  readonly parts: Parts;
  readonly environment: Environment;
}

function describeOutcome(
  { files, record, songs, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { findings: { intervals, probabilities }, parts }: FinishingOptions,
): TrainingOutcome {
  const { tracks, rejects } = songs;
  const { context, cutoff } = record.config;
  const testActual = actualOf(tracks, split.test);
  const predictions = evaluated.map(({ result, predicted }) => ({
    name: result.name,
    predicted: Float64Array.from(split.test, (row) => predicted[row]),
  }));
  const trainCount = split.train.length + split.validation.length;
  const fold = { repeat: 0, fold: 0, rows: split.test, trainCount, actual: testActual };
  const entries = predictions.map(({ name, predicted }) => ({ name, folds: [{ ...fold, predicted }] }));
  return {
    run: files.path,
    data: {
      source: tracks.source,
      schema: tracks.schema,
      rows: tracks.count,
      rejected: rejects.length,
      unknown: listUnknown(tracks),
    },
    split,
    context,
    models: evaluated.map(({ result }) => result),
    testRows: split.test,
    testActual,
    predictions,
    standings: parts.attempt('comparison of the models', noSummaries, () =>
      summariseModels(entries, {
        clusters: groupCatalogues(tracks),
        artists: tracks.artist,
        seed: split.seed,
        own: presetModel(record.config.preset),
        also: [['mamba-tokens', 'mamba-untuned']],
      }),
    ),
    hits: parts.attempt('calls of hits', [], () =>
      measureModelHits(testActual, predictions, { cutoff, probabilities }),
    ),
    intervals,
    omitted: parts.omitted,
  };
}

/** What metrics.json holds: what was found, without where and how fast, so that equal runs leave equal files. */
function toResults(
  { data, split, context, models, standings, intervals, hits, omitted }: TrainingOutcome,
  tuning: TuningResult | null,
) {
  return {
    data: {
      source: data.source.name,
      synthetic: data.source.synthetic,
      sha256: data.source.sha256,
      rows: data.rows,
      rejected: data.rejected,
      unknown: data.unknown,
    },
    split: {
      kind: split.kind,
      seed: split.seed,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      note: split.note,
    },
    context,
    ...(tuning && { tuning }),
    models: models.map(({ seconds: _, ...figures }) => figures),
    reference: standings.reference,
    heldOut: standings.heldOut,
    comparisons: standings.comparisons,
    hits: hits.map(({ name, metrics, ranking }) => ({ name, ...metrics, ranking })),
    intervals: summariseIntervals(intervals),
    omitted,
  };
}

/** The document of `--json`: the results, with the run's folder and the time of every fit. An interface, see docs/architecture.md. */
export function toDocument(outcome: TrainingOutcome, tuning: TuningResult | null) {
  return { run: outcome.run, ...toResults(outcome, tuning), models: outcome.models };
}

/** Writes what a finished run has beside its models; metrics.json last, as it marks the run as finished. */
export async function finishRun(
  prepared: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  options: FinishingOptions,
): Promise<TrainingOutcome> {
  const { settings, search, findings, parts, environment } = options;
  const { files, record, timings, songs, split } = prepared;
  const { tracks } = songs;
  const noTrials: StudyTrials = { trials: [], baseTrial: null };
  const study = search && {
    ...(await parts.attemptLater('trials of the search', noTrials, search.readTrials)),
    objectives: record.config.tuneObjectives,
  };
  // Loaded where it is used: figures take longer to load than a song to explain.
  const { renderReport } = await import('../report/pages/report.ts');
  const outcome = describeOutcome(prepared, evaluated, options);
  const model = presetModel(record.config.preset);
  const linear = evaluated.find(({ result }) => result.name === 'linear')?.fitted as FittedLinear | undefined;
  const trainActual = actualOf(tracks, joinRows(split.train, split.validation));
  const epochs = outcome.models.flatMap(({ name, history }) => history.map((epoch) => ({ model: name, ...epoch })));
  const write = (file: string, make: () => string) => {
    const text = parts.attempt(file, null, make);
    if (text !== null) files.write(file, text);
  };
  write('history.jsonl', () => epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
  const predictions = evaluated.map(({ result, predicted }) => ({ name: result.name, predicted }));
  write('predictions.csv', () => formatPredictions(tracks, split, predictions));
  write('MODEL_CARD.md', () => writeModelCard(outcome, { model }));
  parts.attempt('event file for TensorBoard', null, () =>
    environment.onEvent({ kind: 'measured', models: outcome.models, settings: { ...settings[model] } }),
  );
  // Last of what is made, as it tells what was left out.
  write('report.html', () =>
    renderReport(
      outcome,
      {
        linear: linear?.inference,
        trainActual,
        study: study ?? undefined,
        tracks,
        ...findings.insight,
        model,
        times: describeTimes(prepared, outcome.models),
      },
      parts,
    ),
  );
  timings.save();
  files.writeJson(resultsFile, toResults(outcome, search?.result ?? null));
  files.removeCheckpoints();
  return outcome;
}
