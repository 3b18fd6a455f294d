import { parseHTML } from 'linkedom';
import type { Omission } from '../../parts.ts';
import { createSha256 } from '../../sha256.ts';
import type { DrawingDocument } from '../figures/draw.ts';
import { escapeHtml, renderTable } from '../html.ts';
import { formatSeconds, stripControls } from '../text/format.ts';
import { style } from './style.ts';

/**
 * One HTML page that needs no other file, makes no request and runs no script; a content security policy forbids both. All that
 * tells the time of a run is in its `foot`, where it has one.
 */
export function renderPage(title: string, header: string, main: string, foot = ''): string {
  const hash = createSha256().update(style).digestBase64();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
${foot && `<footer>\n${foot}\n</footer>\n`}</body>
</html>
`;
}

/** What figures of a page are drawn with. */
export function createDrawingDocument(): DrawingDocument {
  return parseHTML('<!doctype html><html><body></body></html>').document;
}

/** A titled part of a page; empty where it has no content. */
export function renderSection(title: string, content: string): string {
  return content && `<section>\n<h2>${escapeHtml(title)}</h2>\n${content}\n</section>`;
}

/** What could not be made, and why; empty where all was. */
export function renderOmitted(omitted: readonly Omission[]): string {
  const items = omitted.map(
    ({ part, reason }) => `<li><strong>${escapeHtml(part)}</strong>: ${escapeHtml(stripControls(reason))}</li>`,
  );
  return items.length === 0 ? '' : `<p>These parts could not be made:</p>\n<ul>\n${items.join('\n')}\n</ul>`;
}

/** Wall time of a model's fit, the mean where there were several; NaN where it is not known. */
export interface FitTime {
  readonly name: string;
  readonly seconds: number;
}

/** Which run a page is of, and when and how long it was worked on. */
export interface PageTimes {
  readonly run: string;
  readonly started: Date;
  /** Wall time until the page was written, pauses left out. */
  readonly seconds: number;
  readonly threads: number;
  readonly fits: readonly FitTime[];
}

/** The foot of a run's page: the only part in which the pages of equal runs differ. `figure` is drawn below the table. */
export function renderTimes({ run, started, seconds, threads, fits }: PageTimes, figure = ''): string {
  const rows = fits.map((fit) => [fit.name, formatSeconds(fit.seconds)]);
  const table = renderTable('times-caption', 'Time of a fit', [{ label: 'model' }, { label: 'a fit' }], rows);
  return `<h2>Times</h2>
<dl>
<dt>Run</dt><dd>${escapeHtml(run)}</dd>
<dt>Started</dt><dd>${started.toISOString().slice(0, 19).replace('T', ' ')} UTC</dd>
<dt>Duration</dt><dd>${formatSeconds(seconds)} on ${threads} ${threads === 1 ? 'thread' : 'threads'}</dd>
</dl>
${table}${figure && `\n${figure}`}`;
}
