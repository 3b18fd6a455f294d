import * as Plot from '@observablehq/plot';
import { drawCloud } from './cloud.ts';
import { type DrawingDocument, drawPlot, mostPoints, palette, plotWidth, thin } from './draw.ts';
import { splitEvenly } from './splitEvenly.ts';

/** Equally filled groups over which residuals are averaged. */
const groupCount = 10;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What panels drawn side by side share, so that they can be compared. */
export interface ScatterDomain {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * Predicted (upwards) against actual popularity (to the right), with the line on which perfect predictions lie.
 * Shapes: actual and predicted (rows); at most `mostPoints` evenly spaced rows are drawn.
 */
export function drawPredictedActual(
  document: DrawingDocument,
  name: string,
  actual: Float64Array,
  predicted: Float64Array,
  domain: ScatterDomain,
): string {
  const points = thin(actual.length, mostPoints).map((i) => ({ x: actual[i], y: predicted[i] }));
  const low = Math.max(domain.x[0], domain.y[0]);
  const high = Math.min(domain.x[1], domain.y[1]);
  return drawPlot(document, `Popularity predicted by ${name} against actual popularity, ${actual.length} test songs.`, {
    ...panel(domain, 'actual popularity', 'predicted'),
    marks: [
      drawDots(points),
      Plot.line(
        [
          { x: low, y: low },
          { x: high, y: high },
        ],
        { x: 'x', y: 'y', stroke: 'currentColor', strokeDasharray: '4,3' },
      ),
    ],
  });
}

/**
 * Residuals (actual − predicted, upwards) against predictions, with the line of no error and the mean residual in ten
 * equally filled groups of rows by prediction: where it leaves zero the model is biased.
 * Shapes: actual and predicted (rows); at most `mostPoints` evenly spaced rows are drawn, all of them averaged.
 */
export function drawResiduals(
  document: DrawingDocument,
  name: string,
  actual: Float64Array,
  predicted: Float64Array,
  domain: ScatterDomain,
): string {
  const points = thin(actual.length, mostPoints).map((i) => ({ x: predicted[i], y: actual[i] - predicted[i] }));
  const means = averageResiduals(actual, predicted);
  return drawPlot(document, `Residuals of ${name} against its predictions, ${actual.length} test songs.`, {
    ...panel(domain, 'predicted popularity', 'actual − predicted'),
    marks: [
      drawDots(points),
      Plot.ruleY([0], { stroke: 'currentColor', strokeDasharray: '4,3' }),
      Plot.line(means, { x: 'x', y: 'y', stroke: palette.second, strokeWidth: 2 }),
      Plot.dot(means, { x: 'x', y: 'y', fill: palette.second, r: 3 }),
    ],
  });
}

/** Mean prediction and mean residual of equally filled groups, by prediction; equal predictions stay together. */
export function averageResiduals(actual: Float64Array, predicted: Float64Array): Point[] {
  return splitEvenly(predicted, groupCount).map((rows) => {
    const sum = (read: (row: number) => number) => rows.reduce((total, row) => total + read(row), 0);
    return {
      x: sum((row) => predicted[row]) / rows.length,
      y: sum((row) => actual[row] - predicted[row]) / rows.length,
    };
  });
}

function drawDots(points: readonly Point[]) {
  return drawCloud(points, { r: 2, opacity: 0.45 });
}

function panel(domain: ScatterDomain, xLabel: string, yLabel: string): Plot.PlotOptions {
  return {
    width: plotWidth,
    height: 300,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: xLabel, domain: [...domain.x], nice: true, ticks: 5 },
    y: { label: yLabel, domain: [...domain.y], nice: true, ticks: 5, grid: true },
  };
}
