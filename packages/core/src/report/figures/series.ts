import * as Plot from '@observablehq/plot';
import { palette, shorten } from './draw.ts';

/** Lines in one panel that can still be followed; told apart by dashes as well as by colour. */
export const seriesStyles = [
  { stroke: palette.first, strokeWidth: 2 },
  { stroke: palette.second, strokeWidth: 2, strokeDasharray: '6,4' },
  { stroke: palette.third, strokeWidth: 2, strokeDasharray: '1.5,4' },
  { stroke: palette.fourth, strokeWidth: 2, strokeDasharray: '9,4,1.5,4' },
] as const;

export const mostSeries = seriesStyles.length;

/** Marks by which points of a series are told apart where its line is short. */
export const seriesSymbols = ['circle', 'square', 'triangle', 'diamond'] as const;

/** Where a legend begins, in pixels from the panel's upper left corner, and how far apart its columns and lines are. */
export interface LegendPlace {
  readonly x: number;
  readonly y: number;
  readonly stepX?: number;
  readonly stepY?: number;
  /** Entries in a line; 1 where left out. */
  readonly across?: number;
}

/** A legend inside the picture: a piece of each line with its label, in the order of the series. */
export function drawLegend(
  labels: readonly string[],
  { x, y, stepX = 0, stepY = 0, across = 1 }: LegendPlace,
): Plot.Markish[] {
  // Pixels of the picture, whatever its scales.
  const pixels = (value: number) => ({ value: [value], scale: null });
  return labels.slice(0, mostSeries).flatMap((label, i) => {
    const [left, top] = [x + (i % across) * stepX, y + Math.floor(i / across) * stepY];
    return [
      Plot.link([label], {
        x1: pixels(left),
        x2: pixels(left + 24),
        y1: pixels(top),
        y2: pixels(top),
        ...seriesStyles[i],
      }),
      Plot.text([label], {
        x: pixels(left + 30),
        y: pixels(top),
        text: [label],
        textAnchor: 'start',
        fontSize: 11,
        fill: 'currentColor',
      }),
    ];
  });
}

/** A name and its figure, short enough for a legend. */
export function labelSeries(name: string, figure: string): string {
  return `${shorten(name, 16)} ${figure}`;
}

/** Lists of at most `mostSeries`, in order and about equally long. */
export function splitSeries<Item>(items: readonly Item[]): Item[][] {
  const panels = Math.ceil(items.length / mostSeries);
  return Array.from({ length: panels }, (_, i) =>
    items.slice(Math.round((i * items.length) / panels), Math.round(((i + 1) * items.length) / panels)),
  );
}
