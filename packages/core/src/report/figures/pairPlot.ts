import * as Plot from '@observablehq/plot';
import { quantile } from '../../statistics/quantiles.ts';
import { formatCount, formatNumber, formatSignificant, typeset } from '../text/format.ts';
import { drawCloud } from './cloud.ts';
import { correlateColumns, type NamedColumn } from './correlationHeatmap.ts';
import { type DrawingDocument, drawPlot, palette, shorten, thin } from './draw.ts';

/** Songs drawn in each cell at most: there are many cells. */
const mostSongs = 400;

const bins = 18;

/** Share of a cell's side left free at both ends. */
const gap = 0.06;

/** The columns most strongly correlated with the target, the strongest first, and then the target. */
export function selectStrongest(columns: readonly NamedColumn[], target: NamedColumn, count: number): NamedColumn[] {
  const { correlations } = correlateColumns([...columns, target]);
  const sizeOf = (i: number) => Math.abs(correlations[columns.length][i] ?? 0);
  const order = [...columns.keys()].sort((a, b) => sizeOf(b) - sizeOf(a));
  return [...order.slice(0, count).map((i) => columns[i]), target];
}

interface Axis {
  readonly name: string;
  readonly values: Float64Array;
  readonly low: number;
  readonly high: number;
  /** 0 to 1 within the cell; values beyond the outermost thousandths lie at its edge. */
  readonly shareOf: (value: number) => number;
}

function makeAxis({ name, values }: NamedColumn): Axis {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const [low, high] = sorted.length > 0 ? [quantile(sorted, 0.001), quantile(sorted, 0.999)] : [0, 0];
  const shareOf = (value: number) =>
    high > low ? gap + (1 - 2 * gap) * Math.max(0, Math.min(1, (value - low) / (high - low))) : 0.5;
  return { name, values, low, high, shareOf };
}

/**
 * Every column against every other: songs as points below the diagonal, rank correlations above it, and how each column is
 * distributed on it. All songs count; some are drawn. Twice as wide as other figures.
 */
export function drawPairs(document: DrawingDocument, columns: readonly NamedColumn[]): string {
  const axes = columns.map(makeAxis);
  const count = axes.length;
  const { correlations } = correlateColumns(columns);
  const rows = axes[0]?.values.length ?? 0;
  const kept = thin(rows, mostSongs);
  const cells = axes.flatMap((_, i) => axes.map((_, j) => ({ i, j })));
  const points = cells
    .filter(({ i, j }) => i > j)
    .flatMap(({ i, j }) =>
      kept
        .filter((row) => !Number.isNaN(axes[i].values[row] + axes[j].values[row]))
        .map((row) => ({
          x: j + axes[j].shareOf(axes[j].values[row]),
          y: i + 1 - axes[i].shareOf(axes[i].values[row]),
        })),
    );
  const numbers = cells
    .filter(({ i, j }) => i < j)
    .map(({ i, j }) => ({ x: j + 0.5, y: i + 0.5, text: typeset(formatNumber(correlations[i][j], 2)) }));
  const ends = axes.flatMap(({ low, high }, i) =>
    [low, high].map((value, end) => ({ i, end, text: formatEnd(value), share: end === 0 ? gap : 1 - gap })),
  );
  const frame = { stroke: 'currentColor', strokeOpacity: 0.25 };
  return drawPlot(document, describePairs(columns), {
    width: 720,
    height: 60 + 124 * count,
    marginLeft: 60,
    marginRight: 16,
    marginTop: 10,
    marginBottom: 50,
    x: { axis: null, domain: [0, count] },
    y: { axis: null, domain: [count, 0] },
    marks: [
      Plot.rect(cells, {
        x1: 'j',
        x2: ({ j }) => j + 1,
        y1: 'i',
        y2: ({ i }) => i + 1,
        fill: 'none',
        inset: 2,
        ...frame,
      }),
      Plot.rect(axes.flatMap(listBars), {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        fill: palette.first,
        fillOpacity: 0.6,
        insetLeft: 0.5,
      }),
      drawCloud(points, { r: 1.4, opacity: 0.45 }),
      Plot.text(numbers, { x: 'x', y: 'y', text: 'text', fontSize: 18, fill: 'currentColor' }),
      Plot.text(axes, {
        x: (_, i) => i + 0.5,
        y: (_, i) => i,
        dy: 14,
        text: ({ name }) => shorten(name, 17),
        fontWeight: 'bold',
        fill: 'currentColor',
      }),
      ...[0, 1].map((end) =>
        Plot.text(
          ends.filter((entry) => entry.end === end),
          {
            x: ({ i, share }) => i + share,
            y: count,
            dy: 14,
            text: 'text',
            fontSize: 11,
            textAnchor: end === 0 ? 'start' : 'end',
            fill: 'currentColor',
          },
        ),
      ),
      // The first row has no points that the ends could tell of.
      Plot.text(
        ends.filter(({ i }) => i > 0),
        {
          x: 0,
          y: ({ i, end }) => i + (end === 0 ? 0.9 : 0.1),
          dx: -6,
          text: 'text',
          fontSize: 11,
          textAnchor: 'end',
          fill: 'currentColor',
        },
      ),
    ],
  });
}

/** A histogram in the cell on the diagonal, below the name. */
function listBars({ values, low, high, shareOf }: Axis, i: number) {
  const counts = new Array<number>(bins).fill(0);
  const width = (high - low) / bins;
  if (!(width > 0)) return [];
  for (const value of values) {
    if (!Number.isNaN(value)) counts[Math.max(0, Math.min(bins - 1, Math.floor((value - low) / width)))]++;
  }
  const most = Math.max(...counts);
  return counts
    .map((count, bin) => ({
      x1: i + shareOf(low + bin * width),
      x2: i + shareOf(low + (bin + 1) * width),
      y1: i + 1 - gap,
      y2: i + 1 - gap - (0.68 * count) / most,
      count,
    }))
    .filter(({ count }) => count > 0);
}

function formatEnd(value: number): string {
  const size = Math.abs(value);
  return typeset(
    size >= 1e4
      ? `${formatNumber(value / 1000, 0)}k`
      : size >= 10
        ? formatNumber(value, 0)
        : formatSignificant(value, 2),
  );
}

/** How many songs there are, how many are drawn, and how the strongest column goes with the last. */
export function describePairs(columns: readonly NamedColumn[]): string {
  const rows = columns[0]?.values.length ?? 0;
  const { names, correlations } = correlateColumns(columns);
  const last = names.length - 1;
  const own = (correlations[last] ?? []).slice(0, last);
  const best = own.reduce<number>((most, value, i) => (Math.abs(value ?? 0) > Math.abs(own[most] ?? 0) ? i : most), 0);
  const drawn = rows > mostSongs ? `; ${formatCount(mostSongs)} are drawn in each cell, evenly spaced` : '';
  const lead = `${formatCount(rows)} songs${drawn}.`;
  if (last < 1 || own[best] === null) return lead;
  return `${names[best]} has a rank correlation of ${typeset(formatNumber(own[best], 2))} with ${names[last]}, over ${lead}`;
}
