import { createHash } from 'node:crypto';
import type { Omission } from '../parts.ts';
import { escapeHtml } from './html.ts';
import { style } from './style.ts';
import { stripControls } from './table.ts';

/**
 * One HTML page that needs no other file, makes no request and runs no script; a content security policy forbids both. All that
 * tells the time of a run is in its `foot`, where it has one.
 */
export function renderPage(title: string, header: string, main: string, foot = ''): string {
  const hash = createHash('sha256').update(style).digest('base64');
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

/** What models were told, in words that leave no doubt what is audio. `unknown`: features of which no song has a value. */
export function describeInputs(context: readonly string[], unknown: readonly string[] = []): string {
  const told = context.length > 0 ? `audio, and ${context.join(' and ')}, which is not audio` : 'audio alone';
  const are = unknown.length === 1 ? 'is' : 'are';
  return unknown.length === 0 ? told : `${told}; ${unknown.join(', ')} ${are} unknown in every row and left out`;
}
