import * as Plot from '@observablehq/plot';
import { averagePrecision, tracePrecisionRecall } from '../../metrics/curves.ts';
import { formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, plotWidth, thinBetween } from './draw.ts';
import type { HitScores } from './roc.ts';
import { drawLegend, labelSeries, seriesStyles } from './series.ts';

/** Points of one curve: a panel has not many more pixels. */
const mostPoints = 120;

/**
 * Precision against recall for up to four models, in steps as average precision adds them up, with the share of hits as
 * the line of chance. A model without hits has no curve.
 */
export function drawPrecisionRecall(document: DrawingDocument, models: readonly HitScores[]): string {
  const curves = models.map(({ counts }) => {
    const curve = tracePrecisionRecall(counts);
    if (!curve) return [];
    const { precision, recall } = curve;
    // What lies at recall 0, the curve's own end among it, has no width; the first step begins there.
    const found = recall.findLastIndex((share) => share > 0) + 1;
    const points = thinBetween(found, mostPoints).map((i) => ({ x: recall[i], y: precision[i] }));
    return [...points, { x: 0, y: points[points.length - 1].y }].reverse();
  });
  const labels = models.map(({ name, counts }) => labelSeries(name, formatNumber(averagePrecision(counts), 3)));
  return drawPlot(document, describePrecisionRecall(models), {
    width: plotWidth,
    height: 320,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'recall: share of hits found', domain: [0, 1], ticks: 5 },
    y: { label: 'precision: share of hits among those called', domain: [0, 1], ticks: 5, grid: true },
    marks: [
      Plot.ruleY(
        models.slice(0, 1).map(({ counts }) => counts.hits / counts.rows),
        { stroke: 'currentColor', strokeDasharray: '4,3', strokeWidth: 1 },
      ),
      ...curves.map((points, i) => Plot.line(points, { x: 'x', y: 'y', curve: 'step-before', ...seriesStyles[i] })),
      ...drawLegend(labels, { x: 172, y: 40, stepY: 17 }),
    ],
  });
}

/** Which model has the largest average precision, and what chance has. */
export function describePrecisionRecall(models: readonly HitScores[]): string {
  const found = models.flatMap(({ name, counts }) => {
    const precision = averagePrecision(counts);
    return precision === null ? [] : [{ name, precision, chance: counts.hits / counts.rows }];
  });
  if (found.length === 0) return 'Without hits there is no precision-recall curve.';
  const best = found.reduce((most, entry) => (entry.precision > most.precision ? entry : most));
  return `${best.name} has the largest average precision, ${formatNumber(best.precision, 3)}; random guessing has ${formatNumber(best.chance, 3)}, the share of hits.`;
}
