import * as Plot from '@observablehq/plot';
import { average, sumSquaredDeviations } from '../../statistics/moments.ts';
import { normalQuantile } from '../../statistics/normal.ts';
import { quantile } from '../../statistics/quantiles.ts';
import { formatNumber, typeset } from '../text/format.ts';
import { drawCloud } from './cloud.ts';
import { type DrawingDocument, drawPlot, findExtent, plotWidth, thin, widen } from './draw.ts';

/** Points drawn in the middle, and at each end, where they lie far apart. */
const [middlePoints, endPoints] = [80, 12];

/** A residual and where it would lie if residuals were normal. */
export interface QuantilePoint {
  /** In standard deviations from the mean. */
  readonly normal: number;
  /** Residual (actual − predicted) in points. */
  readonly residual: number;
}

/** Residuals of one model in ascending order, beside the normal distribution. */
export interface ResidualQuantiles {
  readonly points: readonly QuantilePoint[];
  readonly mean: number;
  readonly deviation: number;
  /** Ends of the middle 95 % of the residuals. */
  readonly middle: readonly [number, number];
}

/**
 * Residuals against the normal quantiles of their ranks at (rank − ½)/rows; of many rows evenly spaced ones and all at the
 * ends. Shapes: actual and predicted (rows), at least one.
 */
export function sortResiduals(actual: Float64Array, predicted: Float64Array): ResidualQuantiles {
  const residuals = actual.map((value, i) => value - predicted[i]).sort();
  const count = residuals.length;
  const inner = Math.max(0, count - 2 * endPoints);
  const kept =
    inner <= middlePoints
      ? thin(count, count)
      : [
          ...thin(endPoints, endPoints),
          ...thin(inner, middlePoints).map((i) => endPoints + i),
          ...thin(endPoints, endPoints).map((i) => count - endPoints + i),
        ];
  return {
    points: kept.map((i) => ({ normal: normalQuantile((i + 0.5) / count), residual: residuals[i] })),
    mean: average(residuals),
    deviation: Math.sqrt(sumSquaredDeviations(residuals) / count),
    middle: [quantile(residuals, 0.025), quantile(residuals, 0.975)],
  };
}

/** The ends of the line on which residuals of a normal distribution lie. */
function lineEnds({ points, mean, deviation }: Omit<ResidualQuantiles, 'middle'>): QuantilePoint[] {
  const ends = widen([points[0].normal, points[points.length - 1].normal]);
  return ends.map((normal) => ({ normal, residual: mean + deviation * normal }));
}

/** The range of residuals that holds the points and lines of all models. */
export function findResidualDomain(models: readonly ResidualQuantiles[]): [number, number] {
  return widen(
    findExtent(models.map((model) => [...model.points, ...lineEnds(model)].map(({ residual }) => residual))),
  );
}

/** Residuals in points (upwards) against normal quantiles, with the line on which those of a normal distribution lie. */
export function drawResidualQuantiles(
  document: DrawingDocument,
  name: string,
  { points, mean, deviation, middle }: ResidualQuantiles,
  domain: readonly [number, number],
): string {
  const ends = lineEnds({ points, mean, deviation });
  const [left, right] = ends.map(({ normal }) => normal);
  return drawPlot(document, describeQuantiles(name, { points, mean, deviation, middle }), {
    width: plotWidth,
    height: 280,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'normal quantile, deviations', domain: [left, right], ticks: 5 },
    y: { label: 'actual − predicted', domain: [...domain], ticks: 5, grid: true },
    marks: [
      Plot.line(ends, { x: 'normal', y: 'residual', stroke: 'currentColor', strokeDasharray: '4,3' }),
      drawCloud(
        points.map(({ normal, residual }) => ({ x: normal, y: residual })),
        { r: 2, opacity: 0.7 },
      ),
    ],
  });
}

/** Where the middle 95 % of the residuals lie, and where those of a normal distribution would. */
export function describeQuantiles(name: string, { mean, deviation, middle }: ResidualQuantiles): string {
  const range = ([low, high]: readonly number[]) =>
    `${typeset(formatNumber(low, 1))} to ${typeset(formatNumber(high, 1))}`;
  const normal = [0.025, 0.975].map((share) => mean + deviation * normalQuantile(share));
  return `${name}: the middle 95 % of residuals range from ${range(middle)} points; those of a normal distribution would range from ${range(normal)}.`;
}
