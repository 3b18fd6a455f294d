import { holdsTooFew, type ModelSummaries } from '../../compare/summariseModels.ts';
import type { TrainingOutcome } from '../../evaluate/results.ts';
import type { Parts } from '../../parts.ts';
import { describeComparison, drawDifferences, drawErrors } from '../figures/comparison.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { escapeHtml, type Key, renderFigure, renderTable } from '../html.ts';
import { typeset } from '../text/format.ts';
import { describeVerdict, figureColumns } from '../text/models.ts';
import { listSummaries, listSummariesHeads } from '../text/summaries.ts';

/** What reference baselines use in place of audio. */
const knowledge: Readonly<Record<string, string>> = {
  era: 'The baseline era uses no audio: it knows when a song was made, or its place in the file.',
  artist: 'The baseline artist uses no audio: it knows the artist’s other songs.',
};

export function renderModels(document: DrawingDocument, outcome: TrainingOutcome, parts: Parts): string {
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
${comparisons && `<p>Compared with ${escapeHtml(outcome.standings.reference)}, paired by song:</p>\n<ul>\n${comparisons}\n</ul>`}
${verdict.caution && `<p>${escapeHtml(verdict.caution)}</p>`}`;
}

/** The standings as a table. `id`: unique in the page. */
export function renderSummaries(
  standings: ModelSummaries,
  { id, caption }: { readonly id: string; readonly caption: string },
): string {
  const rows = listSummaries(standings).map((cells, i) => [standings.models[i].name, ...cells.map(typeset)]);
  const head = ['model', ...listSummariesHeads(standings)].map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}

/** The models' errors, and how they differ from that of the reference; empty without a model. */
export function renderComparison(document: DrawingDocument, standings: ModelSummaries): string {
  const { models } = standings;
  if (models.length === 0) return '';
  const enough = !holdsTooFew(standings.heldOut);
  const keys: Key[] = enough ? [{ sign: 'first', label: '95 % interval' }] : [];
  const panels = [{ title: 'Mean squared error', svg: drawErrors(document, standings) }];
  if (models.length > 1) {
    panels.unshift({ title: 'Difference to the reference', svg: drawDifferences(document, standings) });
    if (enough) {
      keys[0] = { sign: 'first', label: 'interval: 95 % for errors, at the level tested for differences' };
      keys.push({ sign: 'dot', label: 'better' }, { sign: 'square', label: 'worse' });
      keys.push({ sign: 'open', label: 'no difference shown' });
    }
  }
  if (models.some(({ foldErrors }) => foldErrors.length > 1)) keys.push({ sign: 'faint', label: 'one fold' });
  return renderFigure(keys, panels, describeComparison(standings));
}
