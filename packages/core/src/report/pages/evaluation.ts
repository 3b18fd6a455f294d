import type { ModelSummaries } from '../../compare/summariseModels.ts';
import type { Protocol } from '../../evaluate/protocols.ts';
import type { ModelIntervals } from '../../evaluate/results.ts';
import type { Parts } from '../../parts.ts';
import type { Source } from '../../tracks/tracks.ts';
import { escapeHtml } from '../html.ts';
import { renderTrust } from '../sections/intervals.ts';
import { renderComparison, renderSummaries } from '../sections/models.ts';
import { formatCount } from '../text/format.ts';
import { describeInputs } from '../text/models.ts';
import { describeBrackets, describeSummaries } from '../text/summaries.ts';
import {
  createDrawingDocument,
  type PageTimes,
  renderOmitted,
  renderPage,
  renderSection,
  renderTimes,
} from './page.ts';

export interface EvaluationHead {
  readonly source: Source;
  readonly rows: number;
  /** Features of which no row has a value. */
  readonly unknown: readonly string[];
  readonly protocol: Pick<Protocol, 'name' | 'note' | 'seed'>;
  /** The models' inputs beside audio. */
  readonly context: readonly string[];
  readonly times: PageTimes;
}

export interface EvaluationOutcome {
  readonly standings: ModelSummaries;
  /** Of the models' intervals; empty where none were made. */
  readonly intervals: readonly ModelIntervals[];
}

/**
 * A contest as a page to read. The same contest gives the same bytes but for the foot, in which are all times. What cannot be made is
 * named at its end.
 */
export function renderEvaluation(
  { standings, intervals }: EvaluationOutcome,
  head: EvaluationHead,
  parts: Parts,
): string {
  const { source, rows, unknown, protocol, context, times } = head;
  const document = createDrawingDocument();
  const banner = source.synthetic
    ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> These songs are <em>synthetic</em>: no figure below says anything about a real song.</p>\n'
    : '';
  const title = `hitscan: ${source.name}`;
  const header = `<h1>${escapeHtml(title)}</h1>
${banner}<dl>
<dt>Data</dt><dd>${escapeHtml(source.name)}, ${formatCount(rows)} rows</dd>
<dt>SHA-256</dt><dd><code>${escapeHtml(source.sha256)}</code></dd>
<dt>Protocol</dt><dd>${escapeHtml(protocol.name)}, seed ${protocol.seed}: ${escapeHtml(protocol.note)}</dd>
<dt>Inputs</dt><dd>${escapeHtml(describeInputs(context, unknown))}</dd>
</dl>`;
  const words = () =>
    describeSummaries(standings)
      .map((sentence) => `<p>${escapeHtml(sentence)}</p>`)
      .join('\n');
  const caption = `${describeBrackets(standings)}Lower errors and higher R² are better`;
  const models = [
    parts.attempt('verdicts in words', '', words),
    parts.attempt('table of the models', '', () => renderSummaries(standings, { id: 'standings', caption })),
    parts.attempt('figure of the comparison', '', () => renderComparison(document, standings)),
  ];
  const trust = 'How far predictions can be trusted';
  const trusted = { own: 'mamba-tokens', heldOut: standings.heldOut };
  const sections = [
    renderSection('Models', models.join('\n')),
    renderSection(
      trust,
      parts.attempt(trust, '', () => renderTrust(document, intervals, trusted, parts)),
    ),
    renderSection('What is left out', renderOmitted(parts.omitted)),
  ];
  return renderPage(title, header, sections.filter(Boolean).join('\n'), renderTimes(times));
}
