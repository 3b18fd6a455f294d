import type { ModelHits, TrainingOutcome } from '../../evaluate/results.ts';
import { type HitMetrics, sweepThresholds, type ThresholdMetrics } from '../../metrics/classification.ts';
import { countByThreshold } from '../../metrics/curves.ts';
import { measureReliability, type ReliabilityBin } from '../../metrics/reliability.ts';
import type { Parts } from '../../parts.ts';
import { describeConfusion, drawConfusion } from '../figures/confusion.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describePrecisionRecall, drawPrecisionRecall } from '../figures/precisionRecall.ts';
import { describeProbabilityReliability, drawProbabilityReliability } from '../figures/probabilityReliability.ts';
import { describeRoc, drawRoc, type HitScores } from '../figures/roc.ts';
import { mostSeries, splitSeries } from '../figures/series.ts';
import { describeThresholdSweep, drawThresholdSweep } from '../figures/thresholdSweep.ts';
import { escapeHtml, renderFigure, renderTable } from '../html.ts';
import { formatCount, formatNumber, typeset } from '../text/format.ts';

/** Points of a threshold sweep that are drawn. */
const mostThresholds = 60;

const number = (value: number | null, decimals: number): string => typeset(formatNumber(value, decimals));

/** The models that hit figures show: the run's own, linear and logistic regression; all where none of these takes part. */
function chooseHits(hits: readonly ModelHits[], own: string | undefined): readonly ModelHits[] {
  const chosen = hits.filter(({ name }) => ['linear', 'logistic', own].includes(name));
  return chosen.length > 0 ? chosen : hits;
}

/** Every model as a classifier of hits: curves, the classes at its threshold, and a shortlist. Empty where there is nothing to classify. */
export function renderHits(
  document: DrawingDocument,
  { hits, testActual }: TrainingOutcome,
  own: string | undefined,
  parts: Parts,
): string {
  if (hits.length === 0) return '';
  const [{ metrics }] = hits;
  const shown = chooseHits(hits, own);
  const k = hits[0].ranking.k;
  const rows = hits.map(({ name, metrics: found, ranking }) => [
    name,
    number(found.rocAuc, 3),
    number(found.prAuc, 3),
    number(found.accuracy, 3),
    number(found.precision, 2),
    number(found.recall, 2),
    number(found.f1, 2),
    number(found.brier, 3),
    number(ranking.precision, 2),
    number(ranking.lift, 2),
    number(ranking.ndcg, 3),
  ]);
  const head = [
    'ROC-AUC',
    'PR-AUC',
    'accuracy',
    'precision',
    'recall',
    'F1',
    'Brier',
    `precision@${k}`,
    'lift',
    'NDCG',
  ];
  const share = metrics.hits / metrics.rows;
  const lead = `A hit is a song with a popularity of at least ${metrics.cutoff}: ${formatCount(metrics.hits)} of ${formatCount(metrics.rows)} held-out songs, ${formatNumber(100 * share, 0)} %. The majority class alone has an accuracy of ${formatNumber(100 * metrics.majorityRate, 0)} %, the baseline for the others. Precision@${k} is the share of hits among the ${k} songs predicted most popular; lift is that share relative to chance.`;
  const counts = shown.map(({ name, scores }) => ({
    name,
    counts: countByThreshold(testActual, scores, metrics.cutoff),
  }));
  const sweeps = shown.map(({ name, scores, metrics: found }) => ({
    name,
    sweep: sweepThresholds(testActual, scores, { cutoff: metrics.cutoff, atMost: mostThresholds }),
    threshold: found.threshold,
  }));
  const probabilities = hits
    .filter(({ scale }) => scale === 'probability')
    .map(({ name, scores }) => ({ name, bins: measureReliability(testActual, scores, { cutoff: metrics.cutoff }) }));
  return [
    `<p>${escapeHtml(lead)}</p>`,
    renderTable(
      'hits-caption',
      'Models as classifiers of hits',
      [{ label: 'model' }, ...head.map((label) => ({ label }))],
      rows,
    ),
    parts.attempt('figure of hits at every threshold', '', () => renderHitCurves(document, counts)),
    parts.attempt('figure of right and wrong calls', '', () => renderConfusions(document, shown)),
    parts.attempt('figure of thresholds', '', () => renderThresholds(document, sweeps)),
    parts.attempt('figure of probabilities', '', () => renderProbabilities(document, probabilities)),
  ].join('\n');
}

/** Both curves over all thresholds; up to four models a panel. */
export function renderHitCurves(document: DrawingDocument, models: readonly HitScores[]): string {
  if (models.length === 0 || models.every(({ counts }) => counts.hits === 0)) return '';
  const panels = splitSeries(models);
  const title = (curve: string, i: number) => (models.length <= mostSeries ? curve : `${curve}, part ${i + 1}`);
  const chance = [{ sign: 'plain', label: 'chance' }];
  const roc = renderFigure(
    chance,
    panels.map((some, i) => ({ title: title('ROC curve', i), svg: drawRoc(document, some) })),
    describeRoc(models),
  );
  const precision = renderFigure(
    chance,
    panels.map((some, i) => ({ title: title('Precision and recall', i), svg: drawPrecisionRecall(document, some) })),
    describePrecisionRecall(models),
  );
  return panels.length === 1 ? `<div class="pair">\n${roc}\n${precision}\n</div>` : `${roc}\n${precision}`;
}

/** Confusion matrices: a panel a model. */
export function renderConfusions(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly metrics: Pick<HitMetrics, 'confusion' | 'cutoff'> }[],
): string {
  if (models.length === 0) return '';
  const panels = models.map(({ name, metrics }) => ({
    title: name,
    svg: drawConfusion(document, name, metrics.confusion),
  }));
  const keys = [
    { sign: 'bar', label: 'classified correctly' },
    { sign: 'bar second', label: 'misclassified' },
  ];
  const [{ metrics }] = models;
  const best = models.reduce((most, model) =>
    model.metrics.confusion.truePositives > most.metrics.confusion.truePositives ? model : most,
  );
  const cutoff = `A hit is a song with a popularity of at least ${metrics.cutoff}; percentages are of the row.`;
  return renderFigure(keys, panels, `${cutoff} ${describeConfusion(best.name, best.metrics.confusion)}`);
}

/** What other thresholds would be worth: a panel a model. */
export function renderThresholds(
  document: DrawingDocument,
  models: readonly {
    readonly name: string;
    readonly sweep: readonly ThresholdMetrics[];
    readonly threshold: number;
  }[],
): string {
  if (models.length === 0) return '';
  const panels = models.map(({ name, sweep, threshold }) => ({
    title: name,
    svg: drawThresholdSweep(document, name, sweep, threshold),
  }));
  const last = models[models.length - 1];
  return renderFigure(
    [{ sign: 'dotted', label: 'threshold in use' }],
    panels,
    describeThresholdSweep(last.name, last.sweep, last.threshold),
  );
}

/** Whether probabilities can be taken at their word: a panel a model. */
export function renderProbabilities(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly bins: readonly ReliabilityBin[] }[],
): string {
  if (models.length === 0) return '';
  const keys = [
    { sign: 'dot', label: 'a tenth of the songs, by probability' },
    { sign: 'first', label: '95 % interval (Wilson)' },
    { sign: 'plain', label: 'perfectly calibrated' },
  ];
  const panels = models.map(({ name, bins }) => ({
    title: name,
    svg: drawProbabilityReliability(document, name, bins),
  }));
  const [{ name, bins }] = models;
  return renderFigure(keys, panels, describeProbabilityReliability(name, bins));
}
