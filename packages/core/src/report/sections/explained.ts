import type { FixedFeature, RunExplanation } from '../../explain/explainRun.ts';
import type { StepEffect } from '../../explain/featureSteps.ts';
import type { Parts } from '../../parts.ts';
import { findFeature, type Schema } from '../../tracks/schema.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { escapeHtml, renderTable } from '../html.ts';
import { formatCount, formatNumber, typeset } from '../numbers.ts';
import { renderContributions, renderDependence, renderImportance } from './explanation.ts';

const number = (value: number | null): string => typeset(formatNumber(value, 2));

/** What the run's model reads out of the features: importance, dependence, steps, and some songs. */
export function renderExplanation(
  document: DrawingDocument,
  explanation: RunExplanation,
  schema: Schema,
  parts: Parts,
): string {
  const { model, rows, importance, dependence, fixed = [], steps, songs } = explanation;
  const looked = rows === undefined ? 'held-out songs' : `${formatCount(rows)} held-out songs`;
  const lead = `All of this says what ${model} does with its inputs, on ${looked}; not what would happen to a song that was changed. Intervals are for other songs and the model as fitted.`;
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
      ? `${feature} is not known of any of these songs`
      : `${feature} is ${plain(value)} in all that know it`,
  );
  return `<p>${escapeHtml(`No dependence can be shown where a feature does not vary: ${list.join('; ')}.`)}</p>`;
}

/** `artist – title`, or as much of it as is known. */
function nameSong({ artist, title }: RunExplanation['songs'][number]): string {
  return [artist, title].filter((name) => name !== '').join(' – ') || 'a song without a name';
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
  if (!counterfactual) return `${nameSong(explained)}: no numeric feature of it is known, so nothing can be changed.`;
  const { before, wanted, found, highest } = counterfactual;
  const nearest = found.toSorted((a, b) => a.distance - b.distance)[0] ?? highest;
  const list = nearest.changes.map(({ feature, from, to }) => `${feature} ${plain(to)} instead of ${plain(from)}`);
  const song = nameSong(explained);
  const way = list.length > 0 ? list.join(', ') : 'nothing';
  return found.length > 0
    ? `${song}: the nearest song to which the model gives ${formatNumber(wanted, 1)} instead of ${formatNumber(before, 1)} would have ${way}.`
    : `${song}: no song within what is known reaches ${formatNumber(wanted, 1)}; ${formatNumber(nearest.prediction, 1)} comes with ${way}.`;
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
  const head = ['step', 'change, points', '95 % low', '95 % high', 'songs', 'cut at the end of the range'];
  const caption = 'A little more of this feature, all else as it is';
  return renderTable(
    'steps-caption',
    caption,
    head.map((label) => ({ label })),
    rows,
  );
}
