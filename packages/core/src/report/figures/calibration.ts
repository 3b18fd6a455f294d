import * as Plot from '@observablehq/plot';
import { estimateByT } from '../../compare/estimates.ts';
import { average, sumSquaredDeviations } from '../../statistics/moments.ts';
import { formatCount, formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, widen } from './draw.ts';
import { splitEvenly } from './splitEvenly.ts';

/** Songs with like predictions, and how popular they are. */
export interface CalibrationGroup {
  readonly rows: number;
  /** Mean prediction. */
  readonly predicted: number;
  /** Mean popularity. */
  readonly actual: number;
  /** Ends of its 95 % interval by Student's distribution, the songs taken as independent; null for a single song. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Ten equally filled groups by prediction; fewer where predictions are equal. Shapes: actual and predicted (rows). */
export function groupByPrediction(actual: Float64Array, predicted: Float64Array): CalibrationGroup[] {
  return splitEvenly(predicted, 10).map((rows) => {
    const own = Float64Array.from(rows, (row) => actual[row]);
    const count = own.length;
    const mean = average(own);
    const variance = count > 1 ? sumSquaredDeviations(own) / (count - 1) : null;
    const interval = variance === null ? null : estimateByT(mean, Math.sqrt(variance / count), count - 1);
    return {
      rows: count,
      predicted: average(Float64Array.from(rows, (row) => predicted[row])),
      actual: mean,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
    };
  });
}

/** The square of points that holds all groups, those of several models as well; within 0 and 100 but for room at its ends. */
export function findCalibrationDomain(models: readonly (readonly CalibrationGroup[])[]): [number, number] {
  const ends = models.flat().flatMap(({ predicted, actual, low, high }) => [predicted, actual, low, high]);
  return widen(findExtent([ends.filter((end) => end !== null)]));
}

/** Mean popularity (upwards) against mean prediction (to the right) of each group, and the line on which both are equal. */
export function drawCalibration(
  document: DrawingDocument,
  name: string,
  groups: readonly CalibrationGroup[],
  domain: readonly [number, number],
): string {
  const ends = domain.map((end) => ({ x: end, y: end }));
  return drawPlot(document, describeCalibration(name, groups), {
    width: plotWidth,
    height: 300,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'mean prediction', domain: [...domain], ticks: 5 },
    y: { label: 'mean popularity', domain: [...domain], ticks: 5, grid: true },
    marks: [
      Plot.line(ends, { x: 'x', y: 'y', stroke: 'currentColor', strokeDasharray: '4,3' }),
      Plot.ruleX(
        groups.filter(({ low }) => low !== null),
        { x: 'predicted', y1: 'low', y2: 'high', stroke: palette.first, strokeWidth: 2 },
      ),
      Plot.dot(groups, { x: 'predicted', y: 'actual', fill: palette.first, r: 4 }),
    ],
  });
}

/** The group that is furthest from the line; null without groups. */
export function findFurthestGroup(groups: readonly CalibrationGroup[]): CalibrationGroup | null {
  return groups.reduce<CalibrationGroup | null>(
    (most, group) => (most && off(most) >= off(group) ? most : group),
    null,
  );
}

function off({ actual, predicted }: CalibrationGroup): number {
  return Math.abs(actual - predicted);
}

/** How many groups miss the line, and which is furthest from it. */
export function describeCalibration(name: string, groups: readonly CalibrationGroup[]): string {
  const worst = findFurthestGroup(groups);
  if (!worst) return `${name} predicted no song.`;
  const known = groups.filter(({ low }) => low !== null);
  const missed = known.filter(({ low, high, predicted }) => predicted < (low ?? 0) || predicted > (high ?? 0)).length;
  const way = worst.actual > worst.predicted ? 'more' : 'less';
  return `${name}: ${formatCount(missed)} of ${formatCount(known.length)} intervals miss the line; songs predicted at ${formatNumber(worst.predicted, 1)} are furthest off, ${formatNumber(off(worst), 1)} points ${way} popular.`;
}
