import * as Plot from '@observablehq/plot';
import type { Trial } from '../../../tune/trial.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth, thin } from '../draw.ts';
import { findValueRange, formatApart, formatValue, type Objective, rankTrials, type Valued } from './objective.ts';
import { makeAxis, type ParameterAxis, toScale } from './parameterAxis.ts';
import { drawBest, drawComplete } from './signs.ts';

/** Cells along a range, and in each category. */
const rangeCells = 40;
const categoryCells = 12;
/** Width of the kernel over which values are averaged, as a share of a range; a category is averaged by itself. */
const kernelWidth = 0.1;
/** Weight of trials near by, in trials at the very place, below which nothing is drawn. */
const leastWeight = 0.6;
/** Shares of the cells that lie beyond each level. */
const levelShares = [0.15, 0.35, 0.55, 0.75, 0.92];
/** Difference of means of equal values, as a share of them. */
const rounding = 1e-12;
const mostDots = 200;

/** Local means on cells from the low ends of both axes on, row by row upwards; NaN where no trial is near. */
interface Surface {
  readonly columns: number;
  readonly rows: number;
  readonly means: Float64Array;
}

/**
 * The local mean of the objective over two parameters as nested areas, stronger where it is better, empty where no
 * trials are near; complete trials as dots, at most 200 evenly spaced ones. At least one complete trial must have both.
 */
export function drawContour(
  document: DrawingDocument,
  trials: readonly Trial[],
  [across, up]: readonly [string, string],
  objective: Objective,
): string {
  const [x, y] = [across, up].map((name) => makeAxis(trials, name));
  const entries = selectWithBoth(trials, x, y, objective);
  const place = ({ trial }: Valued) => ({ x: x.spreadOf(trial) as number, y: y.spreadOf(trial) as number });
  const surface = averageLocally(entries, x, y, objective);
  const sign = objective.direction === 'maximize' ? 1 : -1;
  const thresholds = listLevels(surface, objective).map((level) => sign * level);
  const best = place(entries[0]);
  return drawPlot(document, describeContour(trials, [across, up], objective), {
    width: plotWidth,
    height: 320,
    marginLeft: 58,
    marginTop: 28,
    marginBottom: 42,
    x: toScale(x),
    y: { ...toScale(y), labelAnchor: 'top', labelArrow: 'up' },
    marks: [
      ...(thresholds.length > 0
        ? [
            Plot.contour(
              surface.means.map((mean) => sign * mean),
              {
                width: surface.columns,
                height: surface.rows,
                // Without this, cells would be evenly spaced in values, on a logarithmic axis too.
                x: null,
                y: null,
                x1: x.domain[0],
                x2: x.domain[1],
                y1: y.domain[0],
                y2: y.domain[1],
                thresholds,
                fill: palette.first,
                fillOpacity: 0.16,
                stroke: palette.first,
                strokeWidth: 0.75,
                strokeOpacity: 0.6,
              },
            ),
          ]
        : []),
      drawComplete(thin(entries.length, mostDots).map((i) => place(entries[i]))),
      ...drawBest(best, `trial ${entries[0].trial.number}`, {
        share: x.shareOf(best.x),
        above: y.shareOf(best.y) < 0.85,
      }),
    ],
  });
}

/** Where the local mean is best, and the levels of the areas. */
export function describeContour(
  trials: readonly Trial[],
  [across, up]: readonly [string, string],
  objective: Objective,
): string {
  const [x, y] = [across, up].map((name) => makeAxis(trials, name));
  const entries = selectWithBoth(trials, x, y, objective);
  const surface = averageLocally(entries, x, y, objective);
  const levels = listLevels(surface, objective);
  if (levels.length === 0)
    return `Local means of the ${objective.label} are the same, or no trials lie close together.`;
  const maximize = objective.direction === 'maximize';
  const cell = surface.means.reduce(
    (best, mean, i) => {
      const current = surface.means[best];
      return Number.isNaN(mean) || (maximize ? mean <= current : mean >= current) ? best : i;
    },
    surface.means.findIndex((mean) => !Number.isNaN(mean)),
  );
  const at = (axis: ParameterAxis, share: number) => `${axis.name} ${axis.format(placeAt(axis, share))}`;
  const column = ((cell % surface.columns) + 0.5) / surface.columns;
  const row = (Math.floor(cell / surface.columns) + 0.5) / surface.rows;
  const lowest = maximize ? 'highest' : 'lowest';
  const [faint, strong] = formatApart(levels[levels.length - 1], levels[0]);
  return `Trials near ${at(x, column)} and ${at(y, row)} have the ${lowest} local mean, ${formatValue(surface.means[cell])}; lines from ${faint} (faint) to ${strong} (strong).`;
}

/** Complete trials with both parameters, the best first. */
function selectWithBoth(trials: readonly Trial[], x: ParameterAxis, y: ParameterAxis, objective: Objective): Valued[] {
  return rankTrials(trials, objective).filter(({ trial }) => x.placeOf(trial) !== null && y.placeOf(trial) !== null);
}

/** Mean values of the trials around each cell, weighted by nearness. */
function averageLocally(entries: readonly Valued[], x: ParameterAxis, y: ParameterAxis, objective: Objective): Surface {
  const { clamp } = findValueRange(
    entries.map(({ value }) => value),
    objective,
  );
  const [columns, rows] = [x, y].map((axis) => (axis.kind === 'category' ? axis.places * categoryCells : rangeCells));
  const [alongX, alongY] = [weighCells(entries, x, columns), weighCells(entries, y, rows)];
  const values = entries.map(({ value }) => clamp(value));
  const means = Float64Array.from({ length: columns * rows }, (_, cell) => {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    let weights = 0;
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const weight = alongX[i * columns + column] * alongY[i * rows + row];
      weights += weight;
      sum += weight * values[i];
    }
    return weights < leastWeight ? Number.NaN : sum / weights;
  });
  return { columns, rows, means };
}

/** The weight of each trial (rows) in each cell along an axis (columns). */
function weighCells(entries: readonly Valued[], axis: ParameterAxis, cells: number): Float64Array {
  const weights = new Float64Array(entries.length * cells);
  entries.forEach(({ trial }, i) => {
    const own = axis.shareOf(axis.placeOf(trial) as number);
    for (let cell = 0; cell < cells; cell++) {
      const share = (cell + 0.5) / cells;
      weights[i * cells + cell] =
        axis.kind === 'category'
          ? Number(Math.floor(share * axis.places) === Math.floor(own * axis.places))
          : Math.exp(-0.5 * ((share - own) / kernelWidth) ** 2);
    }
  });
  return weights;
}

/** Values beyond which fixed shares of the cells lie, the best first; none where cells differ by rounding alone. */
function listLevels({ means }: Surface, { direction }: Objective): number[] {
  const sorted = means.filter((mean) => !Number.isNaN(mean)).sort();
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  if (sorted.length === 0 || high - low <= rounding * Math.max(Math.abs(low), Math.abs(high))) return [];
  if (direction === 'maximize') sorted.reverse();
  return [...new Set(levelShares.map((share) => sorted[Math.floor(share * (sorted.length - 1))]))];
}

/** The place at a share of an axis; of a parameter with few values, the nearest. */
function placeAt(axis: ParameterAxis, share: number): number {
  const [low, high] = axis.domain;
  const place = axis.kind === 'log' ? low * (high / low) ** share : low + share * (high - low);
  if (axis.places === 0) return place;
  const step = (high - low) / axis.places;
  return low + (Math.min(axis.places - 1, Math.floor(share * axis.places)) + 0.5) * step;
}
