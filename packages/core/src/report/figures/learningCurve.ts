import * as Plot from '@observablehq/plot';
import { formatCount, formatNumber } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, plotWidth, shorten, widen } from './draw.ts';
import { drawLegend, seriesStyles, seriesSymbols } from './series.ts';

/** A model's error on the same test songs after training on so many. */
export interface LearningPoint {
  readonly trainRows: number;
  readonly error: number;
  /** Ends of the 95 % interval; null where there is none. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface LearningCurve {
  readonly name: string;
  /** Ascending in training rows. */
  readonly points: readonly LearningPoint[];
}

/** Ranges that hold several panels' curves. */
export interface LearningDomain {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export function findLearningDomain(curves: readonly LearningCurve[]): LearningDomain {
  const points = curves.flatMap((curve) => curve.points);
  const ends = points.flatMap(({ error, low, high }) => [error, low, high]).filter((end) => end !== null);
  const [fewest, most] = findExtent([points.map(({ trainRows }) => trainRows)]);
  // A logarithmic axis has its room by ratio.
  return { x: fewest <= most ? [0.88 * fewest, 1.14 * most] : [1, 10], y: widen(findExtent([ends])) };
}

/**
 * Error against training rows (logarithmic) for up to four models, with 95 % intervals; signs stand a little apart so that
 * none hides another.
 */
export function drawLearningCurve(
  document: DrawingDocument,
  measure: string,
  curves: readonly LearningCurve[],
  domain: LearningDomain,
): string {
  const apart = 3;
  return drawPlot(document, describeLearning(measure, curves), {
    width: plotWidth,
    height: 330,
    marginLeft: 44,
    marginTop: 42 + 17 * Math.ceil(curves.length / 2),
    marginBottom: 42,
    x: {
      label: 'training songs',
      type: 'log',
      domain: [...domain.x],
      ticks: listTicks(curves),
      tickFormat: (rows: number) => formatCount(rows),
    },
    y: { label: measure, domain: [...domain.y], ticks: 5, grid: true },
    marks: [
      ...curves.flatMap(({ points }, i) => {
        const dx = apart * (i - (curves.length - 1) / 2);
        const { stroke } = seriesStyles[i];
        return [
          Plot.ruleX(
            points.filter(({ low }) => low !== null),
            { x: 'trainRows', y1: 'low', y2: 'high', dx, stroke, strokeOpacity: 0.6, strokeWidth: 1.5 },
          ),
          Plot.line(points, { x: 'trainRows', y: 'error', dx, ...seriesStyles[i] }),
          Plot.dot(points, { x: 'trainRows', y: 'error', dx, fill: stroke, r: 3.5, symbol: seriesSymbols[i] }),
        ];
      }),
      ...drawLegend(
        curves.map(({ name }) => shorten(name, 16)),
        { x: 20, y: 30, stepX: 160, stepY: 17, across: 2 },
      ),
    ],
  });
}

/** The numbers of training songs from the largest down, less those whose texts would touch. */
function listTicks(curves: readonly LearningCurve[]): number[] {
  const sizes = new Set(curves.flatMap(({ points }) => points.map(({ trainRows }) => trainRows)));
  const ticks: number[] = [];
  for (const size of [...sizes].sort((a, b) => b - a)) {
    const last = ticks.at(-1);
    if (last === undefined || last / size >= 1.5) ticks.push(size);
  }
  return ticks;
}

/** What the model with the lowest error on all its training songs gained from the last of them. */
export function describeLearning(measure: string, curves: readonly LearningCurve[]): string {
  const ends = curves.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last ? [{ name, points, last }] : [];
  });
  if (ends.length === 0) return 'No model was measured.';
  const best = ends.reduce((least, entry) => (entry.last.error < least.last.error ? entry : least));
  const lead = `With ${formatCount(best.last.trainRows)} training songs the lowest ${measure} is that of ${best.name}, ${formatNumber(best.last.error, 1)}`;
  const before = best.points.at(-2);
  if (!before) return `${lead}.`;
  return `${lead}; with ${formatCount(before.trainRows)} it was ${formatNumber(before.error, 1)}.`;
}
