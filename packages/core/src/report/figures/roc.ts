import * as Plot from '@observablehq/plot';
import { measureRocArea, type ThresholdCounts, traceRoc } from '../../metrics/curves.ts';
import { formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, plotWidth, thinBetween } from './draw.ts';
import { drawLegend, labelSeries, seriesStyles } from './series.ts';

/** Points of one curve: a panel has not many more pixels. */
const mostPoints = 120;

/** One model's calls of hits at every threshold. */
export interface HitScores {
  readonly name: string;
  readonly counts: ThresholdCounts;
}

/**
 * Share of hits found against share of other songs called hits, for up to four models, with the line of chance and the
 * areas under the curves. A model without hits or without other songs has no curve.
 */
export function drawRoc(document: DrawingDocument, models: readonly HitScores[]): string {
  const curves = models.map(({ counts }) => {
    const curve = traceRoc(counts);
    if (!curve) return [];
    const { falsePositiveRate, truePositiveRate } = curve;
    return thinBetween(falsePositiveRate.length, mostPoints).map((i) => ({
      x: falsePositiveRate[i],
      y: truePositiveRate[i],
    }));
  });
  const labels = models.map(({ name, counts }) => labelSeries(name, formatNumber(measureRocArea(counts), 3)));
  return drawPlot(document, describeRoc(models), {
    width: plotWidth,
    height: 320,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'share of other songs called hits', domain: [0, 1], ticks: 5 },
    y: { label: 'share of hits found', domain: [0, 1], ticks: 5, grid: true },
    marks: [
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: 'currentColor', strokeDasharray: '4,3', strokeWidth: 1 },
      ),
      ...curves.map((points, i) => Plot.line(points, { x: 'x', y: 'y', ...seriesStyles[i] })),
      // Below the line of chance, where no curve comes.
      ...drawLegend(labels, { x: 172, y: 268 - 17 * (labels.length - 1), stepY: 17 }),
    ],
  });
}

/** Which model has the largest area under its curve. */
export function describeRoc(models: readonly HitScores[]): string {
  const areas = models.flatMap(({ name, counts }) => {
    const area = measureRocArea(counts);
    return area === null ? [] : [{ name, area }];
  });
  if (areas.length === 0) return 'Without both hits and other songs there is no ROC curve.';
  const best = areas.reduce((most, entry) => (entry.area > most.area ? entry : most));
  return `${best.name} has the largest area under the ROC curve: it scores a hit above another song in ${formatNumber(100 * best.area, 1)} % of pairs (chance: 50 %).`;
}
