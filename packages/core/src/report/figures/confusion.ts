import * as Plot from '@observablehq/plot';
import type { Confusion } from '../../metrics/curves.ts';
import { formatCount, formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth } from './draw.ts';

/**
 * Songs by what they are (down) and what they were called (across): counts, and shares of the row. Right calls in the first
 * colour, wrong ones in the second; the fuller, the larger the share.
 */
export function drawConfusion(document: DrawingDocument, name: string, confusion: Confusion): string {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const cells = [
    { actual: 'hit', called: 'a hit', count: truePositives, of: truePositives + falseNegatives, right: true },
    { actual: 'hit', called: 'no hit', count: falseNegatives, of: truePositives + falseNegatives, right: false },
    { actual: 'other', called: 'a hit', count: falsePositives, of: falsePositives + trueNegatives, right: false },
    { actual: 'other', called: 'no hit', count: trueNegatives, of: falsePositives + trueNegatives, right: true },
  ].map((cell) => ({ ...cell, share: cell.of === 0 ? 0 : cell.count / cell.of }));
  return drawPlot(document, describeConfusion(name, confusion), {
    width: plotWidth,
    height: 220,
    marginLeft: 56,
    marginTop: 10,
    marginBottom: 42,
    x: { label: 'called', labelArrow: 'none', domain: ['a hit', 'no hit'], tickSize: 0, padding: 0.03 },
    y: { label: null, domain: ['hit', 'other'], tickSize: 0, padding: 0.03 },
    marks: [
      ...[true, false].map((right) =>
        Plot.cell(
          cells.filter((cell) => cell.right === right),
          {
            x: 'called',
            y: 'actual',
            fill: right ? palette.first : palette.second,
            fillOpacity: ({ share }: { share: number }) => 0.08 + 0.6 * share,
          },
        ),
      ),
      Plot.text(cells, {
        x: 'called',
        y: 'actual',
        text: ({ count, share, of }: { count: number; share: number; of: number }) =>
          of === 0 ? formatCount(count) : `${formatCount(count)}\n${formatNumber(100 * share, 1)} %`,
        fontSize: 15,
        fill: 'currentColor',
      }),
    ],
  });
}

/** How many hits were found, and how many calls were wrong. */
export function describeConfusion(name: string, confusion: Confusion): string {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const hits = truePositives + falseNegatives;
  const others = falsePositives + trueNegatives;
  return `${name} classifies ${formatCount(truePositives)} of ${formatCount(hits)} hits and ${formatCount(falsePositives)} of ${formatCount(others)} other songs as hits.`;
}
