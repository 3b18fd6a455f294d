import type { InquiryName } from '../../evaluate/inquiries.ts';
import type { Finding, Investigation } from '../../evaluate/investigate.ts';
import type { Parts } from '../../parts.ts';
import type { Source } from '../../tracks/tracks.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { escapeHtml, renderTable } from '../html.ts';
import { renderComparison, renderSummaries } from '../sections/models.ts';
import { formatCount, formatNumber, typeset } from '../text/format.ts';
import type { Answer } from '../text/investigation.ts';
import { describeBrackets, describeTests, warnOfFew } from '../text/summaries.ts';
import {
  createDrawingDocument,
  type PageTimes,
  renderOmitted,
  renderPage,
  renderSection,
  renderTimes,
} from './page.ts';

export interface InvestigationHead {
  readonly source: Source;
  readonly rows: number;
  /** Features of which no row has a value. */
  readonly unknown: readonly string[];
  readonly times: PageTimes;
}

/** The study as a page to read: each question with its answer in words, then its table; times are in the foot alone. */
export function renderInvestigation(
  investigation: Investigation,
  answers: readonly Answer[],
  { source, rows, unknown, times }: InvestigationHead,
  parts: Parts,
): string {
  const document = createDrawingDocument();
  const show = (name: InquiryName) =>
    parts.attempt(`figures of the finding: ${name}`, '', () =>
      renderFinding(document, name, investigation.findings[name]),
    );
  const correlations = parts.attempt('table of correlations', '', () => renderCorrelations(investigation, unknown));
  const extras = [
    '',
    show('seed'),
    show('question') + show('parts') + show('tokens'),
    show('audio') + show('artists'),
    correlations + show('time'),
    show('context'),
    '',
  ];
  const sections = answers.map(({ title: question, sentences }, i) =>
    renderSection(question, sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n') + extras[i]),
  );
  const banner = source.synthetic
    ? '<p class="banner" role="note"><strong>Synthetic twin.</strong> These songs are <em>synthetic</em>: no figure below says anything about a real song.</p>\n'
    : '';
  const without = unknown.length > 0 ? `; unknown in every row and left out: ${escapeHtml(unknown.join(', '))}` : '';
  const header = `<h1>Why do Mamba and linear regression tie?</h1>
${banner}<dl>
<dt>Data</dt><dd>${escapeHtml(source.name)}, ${formatCount(rows)} rows${without}</dd>
<dt>SHA-256</dt><dd><code>${escapeHtml(source.sha256)}</code></dd>
</dl>`;
  sections.push(renderSection('What is left out', renderOmitted(parts.omitted)));
  return renderPage(`hitscan: ${source.name}`, header, sections.filter(Boolean).join('\n'), renderTimes(times));
}

function renderFinding(document: DrawingDocument, id: string, finding: Finding | null): string {
  if (!finding) return '';
  const { standings, note } = finding;
  const tests = warnOfFew(standings.heldOut) ?? describeTests(standings).join(' ');
  const caption = `${note} ${describeBrackets(standings)}${tests}`;
  return `${renderSummaries(standings, { id, caption })}\n${renderComparison(document, standings)}`;
}

function number(value: number | null): string {
  return typeset(formatNumber(value, 2));
}

function renderCorrelations({ era }: Investigation, unknown: readonly string[]): string {
  const known = era.features.filter(({ feature }) => !unknown.includes(feature));
  const rows = known.map(({ feature, withPopularity, withEra, withPopularityGivenEra }) => [
    feature,
    ...[withPopularity, withEra, withPopularityGivenEra].map(number),
  ]);
  const head = ['feature', 'with popularity', 'with the era', 'with popularity, given the era'];
  return renderTable(
    'era-caption',
    'Correlations of each feature',
    head.map((label) => ({ label })),
    rows,
  );
}
