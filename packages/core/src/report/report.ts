import { parseHTML } from 'linkedom';
import type { LearningCurveFigures } from '../evaluate/learning.ts';
import type { ModelResult, TrainingOutcome } from '../evaluate/results.ts';
import type { RunExplanation } from '../explain/explainRun.ts';
import { referenceBaselines } from '../models/catalogue.ts';
import type { LinearInference } from '../models/inference.ts';
import type { Epoch } from '../models/regressor.ts';
import { openParts, type Parts } from '../parts.ts';
import type { Tracks } from '../tracks/tracks.ts';
import { renderCoefficients } from './coefficients.ts';
import { figureColumns } from './columns.ts';
import type { DecileKind } from './figures/decileError.ts';
import type { DrawingDocument } from './figures/draw.ts';
import {
  renderDistribution,
  renderEffects,
  renderLossCurves,
  renderPredictedActual,
  renderResiduals,
} from './gallery.ts';
import { escapeHtml, renderTable } from './html.ts';
import { formatCount, typeset } from './numbers.ts';
import { renderFeatures, renderHits, renderSongs } from './outcomeSections.ts';
import { describeInputs, renderOmitted, renderPage, renderSection } from './page.ts';
import { renderCalibration, renderResidualQuantiles } from './sections/calibration.ts';
import { renderComparison } from './sections/comparison.ts';
import { renderDecileErrors } from './sections/deciles.ts';
import { renderExplanation } from './sections/explained.ts';
import { renderTrust } from './sections/intervals.ts';
import { renderLearningCurves, renderLossBands } from './sections/training.ts';
import { renderStudy, renderTimeline, type StudyView } from './study.ts';
import { type PageTimes, renderTimes } from './times.ts';
import { describeVerdict } from './verdict.ts';

/** What the report shows beside the outcome, where it is at hand. */
export interface ReportExtra {
  /** The run's own model, of which some figures show most. */
  readonly model?: string;
  /** The linear regression's coefficient table and its figure. */
  readonly linear?: LinearInference | undefined;
  /** Popularity of the training rows, drawn beside that of the test rows. */
  readonly trainActual?: Float64Array | undefined;
  /** The search for settings that went before. */
  readonly study?: StudyView | undefined;
  /** The songs, for their features and names. */
  readonly tracks?: Tracks;
  readonly explanation?: RunExplanation | null;
  readonly learning?: readonly LearningCurveFigures[];
  /** For the foot; there is none without them. */
  readonly times?: PageTimes;
}

/**
 * One HTML page on a training run. It needs no other file, makes no request and runs no script; a content security
 * policy forbids both. The same outcome gives the same bytes but for the foot, in which are all times. Sections and figures that
 * cannot be made are left out and named at its end, with all that `parts` had left out before.
 */
export function renderReport(outcome: TrainingOutcome, extra: ReportExtra = {}, parts = openParts()): string {
  const { document }: { document: DrawingDocument } = parseHTML('<!doctype html><html><body></body></html>');
  const { linear, trainActual, study, tracks, explanation, times } = extra;
  const shown = selectShown(outcome, extra.model);
  const trusted = { own: extra.model, heldOut: outcome.standings.heldOut };
  const section = (title: string, make: () => string) => renderSection(title, parts.attempt(title, '', make));
  const sections = [
    section('Models', () => renderModels(document, outcome, parts)),
    section('Predicted against actual', () => renderPredictedActual(document, shown)),
    section('Calibration', () => renderCalibrations(document, shown)),
    section('How far predictions can be trusted', () => renderTrust(document, outcome.intervals, trusted, parts)),
    section('Residuals', () => renderErrors(document, shown, parts)),
    section('Hits and other songs', () => renderHits(document, outcome, extra.model, parts)),
    section('What the model reads', () => (explanation ? renderExplanation(document, explanation, parts) : '')),
    section('What linear regression finds', () => (linear ? renderLinear(document, linear, outcome, parts) : '')),
    section('Tuning', () => (study ? renderStudy(document, study, parts) : '')),
    section('Training', () => renderTraining(document, outcome, extra.learning ?? [], parts)),
    section('Popularity', () => renderDistribution(document, shown, trainActual)),
    section('Features', () => (tracks ? renderFeatures(document, tracks, outcome, parts) : '')),
    section('Songs', () => (tracks ? renderSongs(outcome, tracks, extra.model) : '')),
    renderSection('What is left out', renderOmitted(parts.omitted)),
  ];
  const { source } = outcome.data;
  const foot = times ? renderTimes(times, study ? renderTimeline(document, study.trials) : '') : '';
  return renderPage(
    `hitscan: ${source.name}${source.synthetic ? ' (synthetic data)' : ''}`,
    renderHeader(outcome),
    sections.join('\n'),
    foot,
  );
}

/** Models that figures with a panel each can show side by side. */
const mostPanels = 3;

/** The outcome of a few models alone: the run's own, linear regression, and the best of the others that use audio. */
function selectShown(outcome: TrainingOutcome, own: string | undefined): TrainingOutcome {
  const { models, predictions } = outcome;
  if (models.length <= mostPanels) return outcome;
  const first = new Set(['linear', own]);
  const others = models
    .filter(({ name }) => !first.has(name) && !referenceBaselines.includes(name))
    .toSorted((a, b) => a.test.mse - b.test.mse)
    .map(({ name }) => name);
  const names = models.map(({ name }) => name).filter((name) => first.has(name));
  const chosen = new Set([...names, ...others.slice(0, mostPanels - names.length)]);
  return {
    ...outcome,
    models: models.filter(({ name }) => chosen.has(name)),
    predictions: predictions.filter(({ name }) => chosen.has(name)),
  };
}

function renderCalibrations(document: DrawingDocument, { testActual, predictions }: TrainingOutcome): string {
  return renderCalibration(document, testActual, predictions);
}

function renderErrors(document: DrawingDocument, outcome: TrainingOutcome, parts: Parts): string {
  const { testActual, predictions } = outcome;
  const byDecile = (by: DecileKind) => renderDecileErrors(document, testActual, predictions, by);
  return [
    parts.attempt('figure of residuals', '', () => renderResiduals(document, outcome)),
    parts.attempt('figure of residual quantiles', '', () => renderResidualQuantiles(document, testActual, predictions)),
    parts.attempt('figure of errors by popularity', '', () => byDecile('popularity')),
    parts.attempt('figure of errors by prediction', '', () => byDecile('prediction')),
  ].join('\n');
}

function renderTraining(
  document: DrawingDocument,
  outcome: TrainingOutcome,
  learning: readonly LearningCurveFigures[],
  parts: Parts,
): string {
  const isEnsemble = ({ history }: ModelResult) => history.some(({ member }) => member !== undefined);
  const singles = { ...outcome, models: outcome.models.filter((model) => !isEnsemble(model)) };
  const ensembles = outcome.models
    .filter(isEnsemble)
    .map(({ name, history }) => ({ name, histories: partByMember(history) }));
  return [
    parts.attempt('figure of losses', '', () => renderLossCurves(document, singles)),
    parts.attempt('figure of losses of an ensemble', '', () => renderLossBands(document, ensembles)),
    parts.attempt('figure of learning curves', '', () =>
      renderLearningCurves(document, 'mean squared error', learning),
    ),
  ].join('\n');
}

/** The epochs of each network of an ensemble, counted from 0 again. */
function partByMember(history: readonly Epoch[]): Epoch[][] {
  const members = Map.groupBy(history, ({ member }) => member ?? 0);
  return [...members.values()].map((epochs) =>
    epochs.map((epoch) => ({ ...epoch, epoch: epoch.epoch - epochs[0].epoch })),
  );
}

function renderHeader({ data, split, context }: TrainingOutcome): string {
  const { source, rows, rejected } = data;
  const banner = source.synthetic
    ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> These songs are <em>synthetic</em>: made by a program after the statistics of real ones. No figure below says anything about a real song.</p>\n'
    : '';
  const counts = [split.train, split.validation, split.test].map((part) => formatCount(part.length));
  const name = escapeHtml(source.name) + (source.synthetic ? ' (<em>synthetic</em>)' : '');
  return `<h1>hitscan: ${escapeHtml(source.name)}</h1>
${banner}<dl>
<dt>Data</dt><dd>${name}</dd>
<dt>Rows</dt><dd>${formatCount(rows)} used, ${formatCount(rejected)} rejected</dd>
<dt>SHA-256</dt><dd><code>${escapeHtml(source.sha256)}</code></dd>
<dt>Split</dt><dd>${escapeHtml(split.kind)}, seed ${split.seed}: ${counts[0]} train, ${counts[1]} validation, ${counts[2]} test. ${escapeHtml(split.note)}</dd>
<dt>Inputs</dt><dd>${escapeHtml(describeInputs(context, data.unknown))}</dd>
</dl>`;
}

/** What reference baselines use in place of audio. */
const knowledge: Readonly<Record<string, string>> = {
  era: 'The baseline era uses no audio: it knows when a song was made, or its place in the file.',
  artist: 'The baseline artist uses no audio: it knows the artist’s other songs.',
};

function renderLinear(
  document: DrawingDocument,
  linear: LinearInference,
  { data }: TrainingOutcome,
  parts: Parts,
): string {
  return [
    parts.attempt('table of coefficients', '', () => renderCoefficients(linear, data.unknown)),
    parts.attempt('figure of coefficients', '', () => renderEffects(document, linear)),
  ].join('');
}

function renderModels(document: DrawingDocument, outcome: TrainingOutcome, parts: Parts): string {
  const comparison = parts.attempt('figure of the comparison', '', () => renderComparison(document, outcome.standings));
  return parts.attempt('table of the models', '', () => renderTableOfModels(outcome)) + comparison;
}

function renderTableOfModels(outcome: TrainingOutcome): string {
  const verdict = describeVerdict(outcome);
  const head = [
    { label: 'model' },
    ...figureColumns.map(({ label, group }) => (group === undefined ? { label } : { label, group })),
  ];
  const rows = outcome.models.map((model) => [
    model.name,
    ...figureColumns.map((column) => typeset(column.format(model))),
  ]);
  const caption = [
    'Errors in points of popularity (MSE: squared); lower is better. R² and Spearman: higher is better.',
    ...outcome.models.flatMap(({ name }) => knowledge[name] ?? []),
  ].join(' ');
  const comparisons = verdict.comparisons.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('\n');
  return `<p>${escapeHtml(verdict.lead)}</p>
${renderTable('models-caption', caption, head, rows)}
${comparisons && `<p>Against ${escapeHtml(outcome.standings.reference)}, song by song:</p>\n<ul>\n${comparisons}\n</ul>`}
${verdict.caution && `<p>${escapeHtml(verdict.caution)}</p>`}`;
}
