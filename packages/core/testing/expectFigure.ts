import { parseHTML } from 'linkedom';
import { expect } from 'vitest';
import type { DrawingDocument } from '../src/report/figures/draw.ts';

/**
 * For tests: draws a figure twice and expects the same bytes: one SVG with a role and a label, without style or script, whose
 * coordinates are all finite. Returns the SVG.
 */
export function expectFigure(draw: (document: DrawingDocument) => string): string {
  const [svg, again] = [draw(makeDocument()), draw(makeDocument())];
  expect(again).toBe(svg);
  expect(svg).toMatch(/^<svg role="img" aria-label="[^"]+" xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(svg.match(/<svg/g)).toHaveLength(1);
  expect(svg).not.toMatch(/<style|style=|<script|NaN|Infinity|undefined/);
  return svg;
}

/** For tests: an empty document to draw in. */
export function makeDocument(): DrawingDocument {
  return parseHTML('<!doctype html><html><body></body></html>').document;
}

/** For tests: a name that breaks markup unless it is escaped. */
export const hostileName = `<b>"'&`;
