import { noSummaries, summariseModels } from '@hitscan/core/compare';
import type { EvaluatedModel, ModelIntervals, TestPredictions, TrainingOutcome } from '@hitscan/core/evaluate';
import { viewAsHits } from '@hitscan/core/evaluate';
import { formatPredictions } from '@hitscan/core/export';
import { actualOf } from '@hitscan/core/metrics';
import type { FittedLinear, ModelSettings } from '@hitscan/core/models';
import { joinRows } from '@hitscan/core/models';
import type { Parts } from '@hitscan/core/parts';
import { renderReport, writeModelCard } from '@hitscan/core/report';
import { groupCatalogues, listUnknown } from '@hitscan/core/tracks';
import { makeRunEvents } from './events.ts';
import type { Insight } from './explaining.ts';
import { summariseIntervals } from './intervals.ts';
import { describeTimes } from './pageTimes.ts';
import { type PreparedRun, resultsFile } from './preparedRun.ts';
import { readStudyTrials, readTuning, type TuningResult, tunes } from './tuning.ts';

/** What is found out after all models are trained. */
export interface Findings {
  readonly intervals: readonly ModelIntervals[];
  readonly probabilities: readonly TestPredictions[];
  readonly insight: Insight;
}

/** With what a run is finished. */
export interface FinishingOptions {
  readonly started: Date;
  readonly settings: ModelSettings;
  readonly findings: Findings;
  readonly parts: Parts;
}

function describeOutcome(
  { directory, record, loaded, split }: PreparedRun,
  evaluated: readonly EvaluatedModel[],
  { findings: { intervals, probabilities }, parts }: FinishingOptions,
): TrainingOutcome {
  const { tracks, rejects } = loaded;
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
    run: directory.path,
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
        own: `mamba-${record.config.preset}`,
        also: [['mamba-tokens', 'mamba-untuned']],
      }),
    ),
    hits: parts.attempt('calls of hits', [], () => viewAsHits(testActual, predictions, { cutoff, probabilities })),
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
  const { started, settings, findings, parts } = options;
  const { directory, timings, loaded, split } = prepared;
  const { tracks } = loaded;
  const { preset } = prepared.record.config;
  const noTrials = { trials: [], baseTrial: null };
  const study = tunes(prepared)
    ? {
        ...(await parts.attemptLater('trials of the search', noTrials, () => readStudyTrials(prepared))),
        objectives: prepared.record.config.tuneObjectives,
      }
    : undefined;
  const outcome = describeOutcome(prepared, evaluated, options);
  const model = `mamba-${preset}` as const;
  const linear = evaluated.find(({ result }) => result.name === 'linear')?.fitted as FittedLinear | undefined;
  const trainActual = actualOf(tracks, joinRows(split.train, split.validation));
  const epochs = outcome.models.flatMap(({ name, history }) => history.map((epoch) => ({ model: name, ...epoch })));
  const write = (file: string, make: () => string) => {
    const text = parts.attempt(file, null, make);
    if (text !== null) directory.writeText(file, text);
  };
  write('history.jsonl', () => epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
  const predictions = evaluated.map(({ result, predicted }) => ({ name: result.name, predicted }));
  write('predictions.csv', () => formatPredictions(tracks, split, predictions));
  write('MODEL_CARD.md', () => writeModelCard(outcome, { model }));
  const events = parts.attempt('event file for TensorBoard', null, () =>
    makeRunEvents({ started, models: outcome.models, settings: settings[model] }),
  );
  // Last of what is made, as it tells what was left out.
  write('report.html', () =>
    renderReport(
      outcome,
      {
        linear: linear?.inference,
        trainActual,
        study,
        tracks,
        ...findings.insight,
        model,
        times: describeTimes(prepared, outcome.models),
      },
      parts,
    ),
  );
  if (events) directory.writeBytes(events.name, events.bytes);
  timings.save();
  directory.writeJson(resultsFile, toResults(outcome, readTuning(prepared)));
  directory.removeCheckpoints();
  return outcome;
}
