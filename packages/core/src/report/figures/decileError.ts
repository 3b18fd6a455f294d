import * as Plot from '@observablehq/plot';
import { formatCount, formatNumber, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, widen } from './draw.ts';
import { splitEvenly } from './splitEvenly.ts';

/** What songs are grouped by. */
export type DecileKind = 'popularity' | 'prediction';

/** Errors of songs whose popularity, or prediction, is alike; in points. */
export interface DecileError {
  readonly rows: number;
  /** Mean popularity, or mean prediction, of the songs. */
  readonly at: number;
  readonly meanAbsoluteError: number;
  /** Mean of predicted − actual: above 0 promises too much. */
  readonly bias: number;
}

/** Ten equally filled groups; fewer where many songs are equal. Shapes: actual and predicted (rows). */
export function measureDeciles(actual: Float64Array, predicted: Float64Array, by: DecileKind): DecileError[] {
  const values = by === 'popularity' ? actual : predicted;
  return splitEvenly(values, 10).map((rows) => {
    const mean = (read: (row: number) => number) => rows.reduce((sum, row) => sum + read(row), 0) / rows.length;
    return {
      rows: rows.length,
      at: mean((row) => values[row]),
      meanAbsoluteError: mean((row) => Math.abs(predicted[row] - actual[row])),
      bias: mean((row) => predicted[row] - actual[row]),
    };
  });
}

/** Ranges over several panels: of where groups lie, and of their errors, with zero. */
export interface DecileDomain {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export function findDecileErrorDomain(panels: readonly (readonly DecileError[])[]): DecileDomain {
  const groups = panels.flat();
  return {
    x: widen(findExtent([groups.map(({ at }) => at)])),
    y: widen(findExtent([groups.flatMap(({ meanAbsoluteError, bias }) => [meanAbsoluteError, bias])], 0, 0)),
  };
}

/** Mean absolute error (dots, first colour) and bias (squares, second, dashed) by group. */
export function drawDecileError(
  document: DrawingDocument,
  name: string,
  by: DecileKind,
  groups: readonly DecileError[],
  domain: DecileDomain,
): string {
  return drawPlot(document, describeDecileError(name, by, groups), {
    width: plotWidth,
    height: 260,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: by === 'popularity' ? 'actual popularity' : 'predicted popularity', domain: [...domain.x], ticks: 5 },
    y: { label: 'points', domain: [...domain.y], ticks: 5, grid: true },
    marks: [
      Plot.ruleY([0], { stroke: 'currentColor' }),
      Plot.line(groups, { x: 'at', y: 'meanAbsoluteError', stroke: palette.first, strokeWidth: 2 }),
      Plot.dot(groups, { x: 'at', y: 'meanAbsoluteError', fill: palette.first, r: 3.5 }),
      Plot.line(groups, { x: 'at', y: 'bias', stroke: palette.second, strokeWidth: 2, strokeDasharray: '6,4' }),
      Plot.dot(groups, { x: 'at', y: 'bias', fill: palette.second, r: 3.5, symbol: 'square' }),
    ],
  });
}

/** The groups with the least and the most error, and the bias of the outermost. */
export function describeDecileError(name: string, by: DecileKind, groups: readonly DecileError[]): string {
  if (groups.length === 0) return `${name} predicted no song.`;
  const order = [...groups].sort((a, b) => a.meanAbsoluteError - b.meanAbsoluteError);
  const [least, most] = [order[0], order[order.length - 1]];
  const at = ({ meanAbsoluteError, at }: DecileError) =>
    `${formatNumber(meanAbsoluteError, 1)} points around ${formatNumber(at, 0)}`;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${typeset(formatNumber(value, 1))}`;
  const bias = `${signed(groups[0].bias)} in the lowest group and ${signed(groups[groups.length - 1].bias)} in the highest`;
  return `${name}, by ${by}, ${formatCount(groups.length)} groups: the mean absolute error ranges from ${at(least)} to ${at(most)}; the bias is ${bias}.`;
}
