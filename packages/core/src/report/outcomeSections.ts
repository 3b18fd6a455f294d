import type { ModelHits, TrainingOutcome } from '../evaluate/results.ts';
import { sweepThresholds } from '../metrics/classification.ts';
import { countByThreshold } from '../metrics/curves.ts';
import { measureReliability } from '../metrics/reliability.ts';
import type { Parts } from '../parts.ts';
import { featureNames, featureRules } from '../tracks/schema.ts';
import type { Column, Rows, Tracks } from '../tracks/tracks.ts';
import type { DrawingDocument } from './figures/draw.ts';
import { escapeHtml, renderTable } from './html.ts';
import { formatCount, formatNumber, typeset } from './numbers.ts';
import { renderConfusions, renderHitCurves, renderProbabilities, renderThresholds } from './sections/classification.ts';
import { renderExamples } from './sections/examples.ts';
import { renderCorrelations, renderPairs } from './sections/features.ts';

/** Points of a threshold sweep that are drawn. */
const mostThresholds = 60;

const number = (value: number | null, decimals: number): string => typeset(formatNumber(value, decimals));

/** The models that hit figures show: the run's own, linear and logistic regression; all where none of these takes part. */
function chooseHits(hits: readonly ModelHits[], own: string | undefined): readonly ModelHits[] {
  const chosen = hits.filter(({ name }) => ['linear', 'logistic', own].includes(name));
  return chosen.length > 0 ? chosen : hits;
}

/** Every model as a caller of hits: curves, the calls at its threshold, and a shortlist. Empty where nothing can be called. */
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
  const lead = `A song is a hit here from a popularity of ${metrics.cutoff} on: ${formatCount(metrics.hits)} of ${formatCount(metrics.rows)} held-out songs, ${formatNumber(100 * share, 0)} %. Calling none of them a hit is right for ${formatNumber(100 * metrics.majorityRate, 0)} %: that is what accuracy has to beat. A shortlist of the ${k} songs predicted most popular holds so many hits as precision@${k} says; lift is how many times as many as one by chance.`;
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
      'Models as callers of hits',
      [{ label: 'model' }, ...head.map((label) => ({ label }))],
      rows,
    ),
    parts.attempt('figure of hits at every threshold', '', () => renderHitCurves(document, counts)),
    parts.attempt('figure of right and wrong calls', '', () => renderConfusions(document, shown)),
    parts.attempt('figure of thresholds', '', () => renderThresholds(document, sweeps)),
    parts.attempt('figure of probabilities', '', () => renderProbabilities(document, probabilities)),
  ].join('\n');
}

function readKnown({ values, missing }: Column, rows: Rows): Float64Array {
  return Float64Array.from(rows, (row) => (missing[row] ? Number.NaN : values[row]));
}

/** How the features that are known go with each other and with popularity, over all rows of the split. */
export function renderFeatures(
  document: DrawingDocument,
  tracks: Tracks,
  { split, data }: TrainingOutcome,
  parts: Parts,
): string {
  const rows = Uint32Array.from([...split.train, ...split.validation, ...split.test]).sort();
  const numeric = featureNames.filter((name) => featureRules[name].kind === 'numeric' && !data.unknown.includes(name));
  const columns = numeric.map((name) => ({ name, values: readKnown(tracks.features[name], rows) }));
  const target = { name: 'popularity', values: readKnown(tracks.popularity, rows) };
  return [
    parts.attempt('figure of correlations', '', () => renderCorrelations(document, columns, target)),
    parts.attempt('figure of features in pairs', '', () => renderPairs(document, columns, target)),
  ].join('\n');
}

/** Held-out songs to look at: predicted best, predicted worst, and surprising. */
export function renderSongs(outcome: TrainingOutcome, tracks: Tracks, own: string | undefined): string {
  const { predictions, testRows, testActual } = outcome;
  const shown = predictions.find(({ name }) => name === own) ?? predictions.at(-1);
  if (!shown) return '';
  const songs = Array.from(testRows, (row, i) => ({
    artist: tracks.artist[row],
    title: tracks.title[row],
    actual: testActual[i],
    predicted: shown.predicted[i],
  }));
  return renderExamples('songs', shown.name, songs);
}
