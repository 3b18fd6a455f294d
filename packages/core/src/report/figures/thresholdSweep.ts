import * as Plot from '@observablehq/plot';
import type { ThresholdMetrics } from '../../metrics/classification.ts';
import { formatNumber, formatSignificant, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, plotWidth, widen } from './draw.ts';
import { drawLegend, seriesStyles } from './series.ts';

/** Points of one line; more are not told apart. */
const mostPoints = 80;

const measures = [
  { key: 'precision', label: 'precision' },
  { key: 'recall', label: 'recall' },
  { key: 'f1', label: 'F1' },
  { key: 'accuracy', label: 'accuracy' },
] as const;

/** The worth of each threshold, with an upright line at the one in use. Figures that are undefined leave a gap. */
export function drawThresholdSweep(
  document: DrawingDocument,
  name: string,
  sweep: readonly ThresholdMetrics[],
  threshold: number,
): string {
  const points = thinSweep(sweep);
  const domain = widen(findExtent([points.map((point) => point.threshold), [threshold]]), 0.02);
  return drawPlot(document, describeThresholdSweep(name, sweep, threshold), {
    width: plotWidth,
    height: 280,
    marginLeft: 44,
    marginTop: 34,
    marginBottom: 42,
    x: { label: 'threshold', domain, ticks: 5 },
    y: { label: null, domain: [0, 1], ticks: 5, grid: true },
    marks: [
      Plot.ruleX([threshold], { stroke: 'currentColor', strokeDasharray: '2,3' }),
      ...measures.map(({ key }, i) =>
        Plot.line(points, {
          x: 'threshold',
          y: (point: ThresholdMetrics) => point[key] ?? Number.NaN,
          ...seriesStyles[i],
        }),
      ),
      ...drawLegend(
        measures.map(({ label }) => label),
        { x: 20, y: 14, stepX: 88, across: 4 },
      ),
    ],
  });
}

/** Both ends, and the first threshold of each step of the axis: by number, the few highest would be one straight line. */
function thinSweep(sweep: readonly ThresholdMetrics[]): ThresholdMetrics[] {
  const last = sweep.length - 1;
  const step = ({ threshold }: ThresholdMetrics) =>
    Math.floor((mostPoints * (threshold - sweep[0].threshold)) / (sweep[last].threshold - sweep[0].threshold));
  return sweep.filter((point, i) => i === 0 || i === last || step(point) !== step(sweep[i - 1]));
}

/** The threshold with the best F1 beside the one in use. */
export function describeThresholdSweep(name: string, sweep: readonly ThresholdMetrics[], threshold: number): string {
  const best = sweep.reduce<ThresholdMetrics | null>((most, point) => {
    return point.f1 === null || (most && (most.f1 ?? 0) >= point.f1) ? most : point;
  }, null);
  const number = (value: number) => typeset(formatSignificant(value));
  const lead = `${name} classifies a song as a hit from ${number(threshold)} on`;
  if (!best) return `${lead}; no threshold finds a hit.`;
  return `${lead}; F1 would be highest from ${number(best.threshold)} on, ${formatNumber(best.f1, 3)}, but optimistic: that threshold is chosen on these very songs.`;
}
