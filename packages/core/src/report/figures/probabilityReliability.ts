import * as Plot from '@observablehq/plot';
import { estimateShare } from '../../intervals/coverage.ts';
import type { ReliabilityBin } from '../../metrics/reliability.ts';
import { formatCount, formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth } from './draw.ts';

/** In percent, with the 95 % interval of the share of hits. */
function listPoints(bins: readonly ReliabilityBin[]) {
  return bins.map(({ rows, predicted, observed }) => {
    // A share of whole songs, but for its last bits.
    const { low, high } = estimateShare(Math.round(observed * rows), rows);
    return { rows, predicted: 100 * predicted, observed: 100 * observed, low: 100 * low, high: 100 * high };
  });
}

/** Share of hits (upwards) against the mean probability given (to the right) in each bin, and the line on which both are equal. */
export function drawProbabilityReliability(
  document: DrawingDocument,
  name: string,
  bins: readonly ReliabilityBin[],
): string {
  const points = listPoints(bins);
  const top = Math.min(
    100,
    10 * Math.ceil(Math.max(10, ...points.flatMap((point) => [point.predicted, point.high])) / 10),
  );
  return drawPlot(document, describeProbabilityReliability(name, bins), {
    width: plotWidth,
    height: 300,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'probability given, %', domain: [0, top], ticks: 5 },
    y: { label: 'of these are hits, %', domain: [0, top], ticks: 5, grid: true },
    marks: [
      Plot.line([0, top], {
        x: (end: number) => end,
        y: (end: number) => end,
        stroke: 'currentColor',
        strokeDasharray: '4,3',
      }),
      Plot.ruleX(points, { x: 'predicted', y1: 'low', y2: 'high', stroke: palette.first, strokeWidth: 2 }),
      Plot.dot(points, { x: 'predicted', y: 'observed', fill: palette.first, r: 4 }),
    ],
  });
}

/** How many bins miss the line, and which is furthest from it. */
export function describeProbabilityReliability(name: string, bins: readonly ReliabilityBin[]): string {
  const points = listPoints(bins);
  if (points.length === 0) return `${name} gave no song a probability.`;
  const off = ({ predicted, observed }: (typeof points)[number]) => Math.abs(observed - predicted);
  const worst = points.reduce((most, point) => (off(point) > off(most) ? point : most));
  const missed = points.filter(({ predicted, low, high }) => predicted < low || predicted > high).length;
  return `${name}: ${formatCount(missed)} of ${formatCount(points.length)} intervals miss the line; of ${formatCount(worst.rows)} songs with a probability of ${formatNumber(worst.predicted, 0)} % on average, ${formatNumber(worst.observed, 0)} % are hits, the largest deviation.`;
}
