import { parseHTML } from 'linkedom';
import type { TrainingOutcome } from '../evaluate/results.ts';
import type { LinearInference } from '../models/inference.ts';
import { renderCoefficients } from './coefficients.ts';
import { modelColumns } from './columns.ts';
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
import { renderPage, renderSection } from './page.ts';
import { renderStudy, type StudyView } from './study.ts';
import { describeVerdict } from './verdict.ts';

/** What the report shows beside the outcome, where it is at hand. */
export interface ReportExtra {
  /** The linear regression's coefficient table and its figure. */
  readonly linear?: LinearInference | undefined;
  /** Popularity of the training rows, drawn beside that of the test rows. */
  readonly trainActual?: Float64Array | undefined;
  /** The search for settings that went before. */
  readonly study?: StudyView | undefined;
}

/**
 * One HTML page on a training run. It needs no other file, makes no request and runs no script; a content security
 * policy forbids both. The same outcome gives the same bytes.
 */
export function renderReport(outcome: TrainingOutcome, extra: ReportExtra = {}): string {
  const { document }: { document: DrawingDocument } = parseHTML('<!doctype html><html><body></body></html>');
  const { linear, trainActual, study } = extra;
  const sections = [
    renderSection('Models', renderModels(outcome)),
    renderSection('Tuning', study ? renderStudy(document, study) : ''),
    renderSection('Training', renderLossCurves(document, outcome)),
    renderSection('Predicted against actual', renderPredictedActual(document, outcome)),
    renderSection('Residuals', renderResiduals(document, outcome)),
    renderSection('Popularity', renderDistribution(document, outcome, trainActual)),
    linear
      ? renderSection('What linear regression finds', renderCoefficients(linear) + renderEffects(document, linear))
      : '',
  ];
  const title = `hitscan: ${outcome.run}${outcome.data.source.synthetic ? ' (synthetic data)' : ''}`;
  return renderPage(title, renderHeader(outcome), sections.join('\n'));
}

function renderHeader({ run, data, split }: TrainingOutcome): string {
  const { source, rows, rejected } = data;
  const banner = source.synthetic
    ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> These songs are <em>synthetic</em>: made by a program after the statistics of real ones. No figure below says anything about a real song.</p>\n'
    : '';
  const counts = [split.train, split.validation, split.test].map((part) => formatCount(part.length));
  const name = escapeHtml(source.name) + (source.synthetic ? ' (<em>synthetic</em>)' : '');
  return `<h1>hitscan: ${escapeHtml(run)}</h1>
${banner}<dl>
<dt>Data</dt><dd>${name}</dd>
<dt>Rows</dt><dd>${formatCount(rows)} used, ${formatCount(rejected)} rejected</dd>
<dt>SHA-256</dt><dd><code>${escapeHtml(source.sha256)}</code></dd>
<dt>Split</dt><dd>${escapeHtml(split.kind)}, seed ${split.seed}: ${counts[0]} train, ${counts[1]} validation, ${counts[2]} test. ${escapeHtml(split.note)}</dd>
</dl>`;
}

function renderModels(outcome: TrainingOutcome): string {
  const verdict = describeVerdict(outcome);
  const head = [
    { label: 'model' },
    ...modelColumns.map(({ label, group }) => (group === undefined ? { label } : { label, group })),
  ];
  const rows = outcome.models.map((model) => [
    model.name,
    ...modelColumns.map((column) => typeset(column.format(model))),
  ]);
  const caption = 'Errors in points of popularity (MSE: squared); lower is better. R² and Spearman: higher is better';
  const comparisons = verdict.comparisons.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('\n');
  return `<p>${escapeHtml(verdict.lead)}</p>
${renderTable('models-caption', caption, head, rows)}
${comparisons && `<p>Against linear regression, song by song:</p>\n<ul>\n${comparisons}\n</ul>`}
<p>${escapeHtml(verdict.caution)}</p>`;
}
