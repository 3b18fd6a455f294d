import type { LearningCurveFigures } from '../../evaluate/learning.ts';
import type { TrainingOutcome } from '../../evaluate/results.ts';
import type { RunExplanation } from '../../explain/explainRun.ts';
import type { LinearInference } from '../../models/inference.ts';
import { referenceBaselines } from '../../optionNames.ts';
import { openParts } from '../../parts.ts';
import type { Tracks } from '../../tracks/tracks.ts';
import { escapeHtml } from '../html.ts';
import { renderExampleSongs } from '../sections/examples.ts';
import { renderExplanation } from '../sections/explanation.ts';
import { renderDistribution, renderFeatures } from '../sections/features.ts';
import { renderHits } from '../sections/hits.ts';
import { renderTrust } from '../sections/intervals.ts';
import { renderLinear } from '../sections/linear.ts';
import { renderModels } from '../sections/models.ts';
import { renderCalibration, renderErrors, renderPredictedActual } from '../sections/predictions.ts';
import { type ReportedStudy, renderStudy, renderTimeline } from '../sections/study.ts';
import { renderTraining } from '../sections/training.ts';
import { formatCount } from '../text/format.ts';
import { describeInputs } from '../text/models.ts';
import {
  createDrawingDocument,
  type PageTimes,
  renderOmitted,
  renderPage,
  renderSection,
  renderTimes,
} from './page.ts';

/** What the report shows beside the outcome, where it is at hand. */
export interface ReportExtra {
  /** The run's own model, of which some figures show most. */
  readonly model?: string;
  /** The linear regression's coefficient table and its figure. */
  readonly linear?: LinearInference | undefined;
  /** Popularity of the training rows, drawn beside that of the test rows. */
  readonly trainActual?: Float64Array | undefined;
  /** The search for settings that went before. */
  readonly study?: ReportedStudy | undefined;
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
  const document = createDrawingDocument();
  const { linear, trainActual, study, tracks, explanation, times } = extra;
  const shown = selectShown(outcome, extra.model);
  const trusted = { own: extra.model, heldOut: outcome.standings.heldOut };
  const section = (title: string, make: () => string) => renderSection(title, parts.attempt(title, '', make));
  const sections = [
    section('Models', () => renderModels(document, outcome, parts)),
    section('Predicted against actual', () => renderPredictedActual(document, shown)),
    section('Calibration', () => renderCalibration(document, shown.testActual, shown.predictions)),
    section('How far predictions can be trusted', () => renderTrust(document, outcome.intervals, trusted, parts)),
    section('Residuals', () => renderErrors(document, shown, parts)),
    section('Hits and other songs', () => renderHits(document, outcome, extra.model, parts)),
    section('What the model reads', () =>
      explanation ? renderExplanation(document, explanation, outcome.data.schema, parts) : '',
    ),
    section('What linear regression finds', () => (linear ? renderLinear(document, linear, outcome, parts) : '')),
    section('Tuning', () => (study ? renderStudy(document, study, parts) : '')),
    section('Training', () => renderTraining(document, outcome, extra.learning ?? [], parts)),
    section('Popularity', () => renderDistribution(document, shown, trainActual)),
    section('Features', () => (tracks ? renderFeatures(document, tracks, outcome, parts) : '')),
    section('Songs', () => (tracks ? renderExampleSongs(outcome, tracks, extra.model) : '')),
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

function renderHeader({ data, split, context }: TrainingOutcome): string {
  const { source, rows, rejected } = data;
  const banner = source.synthetic
    ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> These songs are <em>synthetic</em>: generated to match the statistics of real ones. No figure below says anything about a real song.</p>\n'
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
