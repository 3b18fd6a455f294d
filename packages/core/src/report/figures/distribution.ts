import * as Plot from '@observablehq/plot';
import { quantile } from '../../statistics/quantiles.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, shorten } from './draw.ts';

const binWidth = 5;
const binCount = 100 / binWidth;

/** The longest name that fits beside a row. */
const nameLength = 16;

/** One row of the spread figure. */
export interface Series {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * Shares of songs by popularity in bins of 5: test rows as bars (first colour), training rows as a stepped line (second).
 * Popularity is 0–100; 100 belongs to the last bin. `train` may be left out.
 */
export function drawPopularity(document: DrawingDocument, test: Float64Array, train?: Float64Array): string {
  const bars = countShares(test).map((share, bin) => ({ share, low: bin * binWidth, high: (bin + 1) * binWidth }));
  const trainShares = train && train.length > 0 ? countShares(train) : [];
  // The last step needs its right end.
  const steps = [...trainShares, ...trainShares.slice(-1)].map((share, bin) => ({ share, low: bin * binWidth }));
  return drawPlot(
    document,
    `Popularity of ${test.length} test songs${train ? ` and ${train.length} training songs` : ''}.`,
    {
      width: plotWidth,
      height: 260,
      marginLeft: 44,
      marginTop: 28,
      marginBottom: 42,
      x: { label: 'actual popularity', domain: [0, 100], ticks: 5 },
      y: { label: '% of songs', ticks: 5, grid: true },
      marks: [
        Plot.rect(bars, {
          x1: 'low',
          x2: 'high',
          y1: 0,
          y2: 'share',
          fill: palette.first,
          fillOpacity: 0.75,
          inset: 0.5,
        }),
        Plot.line(steps, { x: 'low', y: 'share', curve: 'step-after', stroke: palette.second, strokeWidth: 2 }),
        Plot.ruleY([0], { stroke: 'currentColor' }),
      ],
    },
  );
}

/** Spread of each series: a line from the 5 % to the 95 % quantile, a bar over the middle half, a tick at the median. */
export function drawSpread(document: DrawingDocument, series: readonly Series[]): string {
  const rows = series.map(({ values }, i) => {
    const sorted = values.toSorted();
    const [low, lowerQuarter, middle, upperQuarter, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map((share) =>
      quantile(sorted, share),
    );
    return { i, low, lowerQuarter, middle, upperQuarter, high };
  });
  const ends = findExtent(
    rows.map((row) => [row.low, row.high]),
    0,
    100,
  );
  return drawPlot(document, `Spread of actual popularity and of the predictions of ${series.length - 1} models.`, {
    width: plotWidth,
    height: 70 + 27 * series.length,
    marginLeft: 112,
    marginTop: 16,
    marginBottom: 42,
    x: { label: 'popularity', domain: ends, ticks: 5, grid: true },
    y: {
      label: null,
      type: 'band',
      domain: rows.map((row) => row.i),
      tickFormat: (i: number) => shorten(series[i].name, nameLength),
      tickSize: 0,
    },
    marks: [
      Plot.link(rows, { x1: 'low', x2: 'high', y1: 'i', y2: 'i', stroke: 'currentColor', strokeWidth: 1.5 }),
      Plot.link(rows, {
        x1: 'lowerQuarter',
        x2: 'upperQuarter',
        y1: 'i',
        y2: 'i',
        stroke: palette.first,
        strokeWidth: 9,
        strokeLinecap: 'butt',
      }),
      Plot.tickX(rows, { x: 'middle', y: 'i', stroke: 'currentColor', strokeWidth: 2.5, inset: 3 }),
    ],
  });
}

/** Percentages of values by bin. */
function countShares(values: Float64Array): number[] {
  const shares = new Array<number>(binCount).fill(0);
  for (const value of values) {
    const bin = Math.max(0, Math.min(binCount - 1, Math.floor(value / binWidth)));
    shares[bin] += 100 / values.length;
  }
  return shares;
}
