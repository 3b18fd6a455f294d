import * as Plot from '@observablehq/plot';
import { formatCount, formatNumber } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth, shorten } from '../draw.ts';

/** Complete trials below which a tenth of them is too few to say much. */
const enoughTrials = 50;

/** Shares of importance by parameter as bars, with their percentages, in the order given. */
export function drawParameterImportance(
  document: DrawingDocument,
  importances: ReadonlyMap<string, number>,
  complete: number,
): string {
  const bars = [...importances].map(([name, share], i) => ({ i, name, percent: 100 * share }));
  return drawPlot(document, describeParameterImportance(importances, complete), {
    width: plotWidth,
    height: 60 + 23 * bars.length,
    marginLeft: 112,
    marginRight: 44,
    marginTop: 10,
    marginBottom: 42,
    x: {
      label: '% of the importance',
      ticks: 5,
      grid: true,
      domain: [0, Math.max(1, ...bars.map(({ percent }) => percent))],
    },
    y: {
      label: null,
      type: 'band',
      domain: bars.map(({ i }) => i),
      tickFormat: (i: number) => shorten(bars[i].name, 16),
      tickSize: 0,
      padding: 0.25,
    },
    marks: [
      Plot.barX(bars, { x: 'percent', y: 'i', fill: palette.first, fillOpacity: 0.85 }),
      Plot.text(bars, {
        x: 'percent',
        y: 'i',
        text: ({ percent }) => `${formatNumber(percent, percent < 10 ? 1 : 0)} %`,
        textAnchor: 'start',
        dx: 5,
        fill: 'currentColor',
      }),
      Plot.ruleX([0], { stroke: 'currentColor' }),
    ],
  });
}

/** What the shares say, and how little where trials are few. */
export function describeParameterImportance(importances: ReadonlyMap<string, number>, complete: number): string {
  const [first, second] = [...importances].sort(([, a], [, b]) => b - a);
  const percent = (share: number) => `${formatNumber(100 * share, 0)} %`;
  const few =
    complete < enoughTrials ? ` From ${formatCount(complete)} complete trials these shares are uncertain.` : '';
  if (!second) return `${first[0]} is the only parameter.${few}`;
  if (first[1] === second[1]) return `No parameter stands out.${few}`;
  const most = `Being among the best tenth had most to do with ${first[0]} (${percent(first[1])})`;
  return `${most}, then ${second[0]} (${percent(second[1])}).${few}`;
}
