import * as Plot from '@observablehq/plot';
import { escapeHtml } from '../html.ts';

/** What a figure needs of a document: the browser's own, or one made on the server. */
export interface DrawingDocument {
  createElementNS(namespace: string, name: string): unknown;
}

/**
 * Hues after Okabe and Ito's palette, told apart by people with any colour blindness; each has a contrast of at least
 * 3 : 1 against both backgrounds of the report. Lines and text take the page's own colour.
 */
export const palette = { first: '#2b7bba', second: '#d55e00', third: '#0a8a63', fourth: '#b8619a' } as const;

/** All plots have this width in pixels before the page scales them, so that their text is equally large. */
export const plotWidth = 360;

/** Points drawn per panel at most: more would only cover each other, and the file grows by 50 bytes for each. */
export const mostPoints = 1500;

/**
 * Draws one plot and returns it as SVG text. It stands alone: no style sheet, no inline style (a strict content
 * security policy blocks both), colours by `currentColor` and the palette.
 *
 * @param label what the picture shows, in one sentence, for those who cannot see it
 */
export function drawPlot(document: DrawingDocument, label: string, options: Plot.PlotOptions): string {
  // Plot asks for the whole Document but only makes elements with it.
  const svg = Plot.plot({ ...options, document: document as never }) as unknown as SvgElement;
  svg.querySelector('style')?.remove();
  svg.setAttribute('font-size', '12');
  // A hundredth of a pixel is not seen, nor a tenth in lines and dots; the digits after it are two thirds of the file.
  const text = svg.outerHTML.replace(/ ([\w-]+)="[^"]*"/g, (attribute, name) => {
    const decimals = name === 'd' || name === 'cx' || name === 'cy' ? 1 : 2;
    return attribute.replace(/-?\d+\.\d{2,}(?:e-\d+)?/g, (number) => String(Number(Number(number).toFixed(decimals))));
  });
  const short = text.replace(/><\/(?:circle|line|path|rect)>/g, '/>');
  return short.replace('<svg', `<svg role="img" aria-label="${escapeHtml(label)}" xmlns="http://www.w3.org/2000/svg"`);
}

interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  querySelector(selector: string): { remove(): void } | null;
}

/** Indices 0 … count − 1, or evenly spaced ones among them where there are more than `most`. */
export function thin(count: number, most: number): number[] {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}

/** The least interval that holds all values and the given ones. */
export function findExtent(lists: Iterable<Iterable<number>>, low = Infinity, high = -Infinity): [number, number] {
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** Text of at most `most` letters, with an ellipsis where some are missing. */
export function shorten(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

/** Between these lengths an axis has ticks: the powers of ten on either side are numbers. */
const shortestAxis = 1e-290;
const longestAxis = 1e300;

/** An interval with some room at both ends, also where it has no length that an axis can show. */
export function widen([low, high]: readonly [number, number], share = 0.05): [number, number] {
  if (!(low <= high)) return [0, 1];
  const length = high - low;
  // There is no room beyond the largest numbers.
  if (length > longestAxis) return [low, high];
  const room = length > shortestAxis ? share * length : Math.max(1, 0.1 * Math.abs(low));
  return [low - room, high + room];
}

/** Indices 0 … count − 1, or, where there are more than `most`, evenly spaced ones with both ends. `most` is 2 or more. */
export function thinBetween(count: number, most: number): number[] {
  if (count <= most) return thin(count, count);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
