import type { FixedFeature, RunExplanation } from '../../explain/explainRun.ts';
import type { StepEffect } from '../../explain/featureSteps.ts';
import type { PermutationImportance } from '../../explain/permutationImportance.ts';
import type { Parts } from '../../parts.ts';
import { findFeature, type Schema } from '../../tracks/schema.ts';
import { describeContributions, drawContributions, type SongContributions } from '../figures/contributions.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { describeImportance, drawImportance, findImportanceDomain } from '../figures/importance.ts';
import {
  type Dependence,
  describeDependence,
  drawDependence,
  findDependenceDomain,
} from '../figures/partialDependence.ts';
import { escapeHtml, type Key, renderFigure, renderTable } from '../html.ts';
import { formatCount, formatNumber, typeset } from '../text/format.ts';

const number = (value: number | null): string => typeset(formatNumber(value, 2));

/** What the run's model makes of the features: importance, dependence, steps, and some songs. */
export function renderExplanation(
  document: DrawingDocument,
  explanation: RunExplanation,
  schema: Schema,
  parts: Parts,
): string {
  const { model, rows, importance, dependence, fixed = [], steps, songs } = explanation;
  const looked = rows === undefined ? 'held-out songs' : `${formatCount(rows)} held-out songs`;
  const lead = `This section describes what ${model} does with its inputs on ${looked}, not what would happen to a song that was changed. Intervals allow for other songs, but not for another fit of the model.`;
  const titled = songs.map((song) => ({
    ...song,
    title: `${nameSong(song)}: ${formatNumber(song.prediction, 1)}, actually ${formatNumber(song.actual, 0)}`,
  }));
  return [
    `<p>${escapeHtml(lead)}</p>`,
    parts.attempt('figure of importance', '', () =>
      renderImportance(document, importance ? [{ name: model, importance }] : []),
    ),
    parts.attempt('figure of dependence', '', () => renderDependence(document, dependence)),
    describeFixed(fixed),
    parts.attempt('table of steps', '', () => renderSteps(steps, schema)),
    parts.attempt('figure of contributions', '', () => renderContributions(document, titled)),
    parts.attempt('figure of integrated gradients', '', () => renderGradients(document, songs)),
    ...songs.map((song) => `<p>${escapeHtml(describeCounterfactual(song))}</p>`),
  ]
    .filter(Boolean)
    .join('\n');
}

/** Of which features nothing can be drawn, and why. */
function describeFixed(fixed: readonly FixedFeature[]): string {
  if (fixed.length === 0) return '';
  const list = fixed.map(({ feature, value }) =>
    value === null
      ? `${feature} is unknown for all of these songs`
      : `${feature} is ${plain(value)} wherever it is known`,
  );
  return `<p>${escapeHtml(`A feature that does not vary has no partial dependence: ${list.join('; ')}.`)}</p>`;
}

/** `artist – title`, or as much of it as is known. */
function nameSong({ artist, title }: RunExplanation['songs'][number]): string {
  return [artist, title].filter((name) => name !== '').join(' – ') || 'an unnamed song';
}

/** The same songs by integrated gradients, where the model has tokens. */
function renderGradients(document: DrawingDocument, songs: RunExplanation['songs']): string {
  const known = songs.flatMap((song) =>
    song.gradients ? [{ ...song.gradients, title: `${nameSong(song)}, by integrated gradients` }] : [],
  );
  return renderContributions(document, known);
}

/** The nearest song that the model would give more, in words. */
function describeCounterfactual(explained: RunExplanation['songs'][number]): string {
  const { counterfactual } = explained;
  if (!counterfactual) return `${nameSong(explained)}: no counterfactual, as none of its numeric features is known.`;
  const { before, wanted, found, highest } = counterfactual;
  const nearest = found.toSorted((a, b) => a.distance - b.distance)[0] ?? highest;
  const list = nearest.changes.map(({ feature, from, to }) => `${feature} ${plain(to)} instead of ${plain(from)}`);
  const song = nameSong(explained);
  const way = list.length > 0 ? list.join(', ') : 'nothing changed';
  return found.length > 0
    ? `${song}: the closest song for which the model predicts ${formatNumber(wanted, 1)} instead of ${formatNumber(before, 1)} has ${way}.`
    : `${song}: no song within the known ranges reaches a prediction of ${formatNumber(wanted, 1)}; the highest, ${formatNumber(nearest.prediction, 1)}, has ${way}.`;
}

/** Three digits, without a power of ten where none is needed. */
const plain = (value: number | null): string => (value === null ? '–' : typeset(String(Number(value.toPrecision(3)))));

function describeStep({ feature, kind, amount }: StepEffect, schema: Schema): string {
  const { unit } = findFeature(schema, feature);
  if (kind === 'set') return `${feature} = ${amount}`;
  const text = unit === 'ms' ? `+${amount / 1000} s` : `+${amount}${unit === '0–1' ? '' : ` ${unit}`}`;
  return `${feature} ${text}`;
}

/** What a step of each feature changes predictions by; of categories, the steps of largest effect. */
function renderSteps(steps: readonly StepEffect[], schema: Schema): string {
  const known = steps.filter(({ change }) => change !== null);
  const added = known.filter(({ kind }) => kind === 'add');
  const set = known
    .filter(({ kind }) => kind === 'set')
    .toSorted((a, b) => Math.abs(b.change?.mean ?? 0) - Math.abs(a.change?.mean ?? 0))
    .slice(0, 5);
  const rows = [...added, ...set].map((step) => [
    describeStep(step, schema),
    number(step.change?.mean ?? null),
    number(step.change?.low ?? null),
    number(step.change?.high ?? null),
    formatCount(step.songs),
    formatCount(step.cut),
  ]);
  if (rows.length === 0) return '';
  const head = ['step', 'change, points', '95 % low', '95 % high', 'songs', 'clipped at the end of the range'];
  const caption = 'Change of the prediction for one step of a feature, all others unchanged';
  return renderTable(
    'steps-caption',
    caption,
    head.map((label) => ({ label })),
    rows,
  );
}

/** Which features a model reads: a panel a model, all on one scale. */
export function renderImportance(
  document: DrawingDocument,
  models: readonly { readonly name: string; readonly importance: Pick<PermutationImportance, 'factors' | 'mse'> }[],
): string {
  if (models.length === 0) return '';
  const domain = findImportanceDomain(models.map(({ importance }) => importance));
  const panels = models.map(({ name, importance }) => ({
    title: name,
    svg: drawImportance(document, name, importance, domain),
  }));
  const keys = [
    { sign: 'bar', label: 'permutation importance: increase of the error on held-out songs' },
    { sign: 'thin', label: '95 % interval' },
  ];
  const last = models[models.length - 1];
  return renderFigure(keys, panels, describeImportance(last.name, last.importance));
}

/** How one model's predictions go with each feature, all else as it is: a panel a feature, all on one scale. */
export function renderDependence(document: DrawingDocument, features: readonly Dependence[]): string {
  if (features.length === 0) return '';
  const domain = findDependenceDomain(features);
  const panels = features.map((feature) => ({
    title: feature.feature,
    svg: drawDependence(document, feature, domain),
  }));
  const keys: Key[] = [
    { sign: 'first', label: 'mean prediction' },
    { sign: 'band', label: '95 % interval' },
    { sign: 'hairline', label: 'single songs' },
    { sign: 'ring', label: 'unlike most known songs' },
  ];
  const reach = ({ mean }: Dependence) => {
    const means = mean.map((at) => at.mean);
    return Math.max(...means) - Math.min(...means);
  };
  const widest = features.reduce((most, feature) => (reach(feature) > reach(most) ? feature : most));
  return renderFigure(keys, panels, `The largest effect is that of ${describeDependence(widest)}`);
}

/** Why some songs are predicted as they are: a panel a song. */
export function renderContributions(
  document: DrawingDocument,
  songs: readonly (SongContributions & { readonly title: string })[],
): string {
  if (songs.length === 0) return '';
  const panels = songs.map((song) => ({ title: song.title, svg: drawContributions(document, song.title, song) }));
  const keys = [
    { sign: 'bar', label: 'raises the prediction' },
    { sign: 'bar second', label: 'lowers it' },
    { sign: 'dotted', label: 'mean prediction' },
    { sign: 'upright', label: 'this song' },
  ];
  return renderFigure(keys, panels, describeContributions(songs[0].title, songs[0]));
}
