import * as Plot from '@observablehq/plot';
import type { ShapleyValues } from '../../explain/shapley.ts';
import { formatNumber, typeset } from '../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, shorten, widen } from './draw.ts';

/** Factors with a bar of their own; the rest share one. */
const mostBars = 12;

/** One song's prediction and what it is made of. */
export type SongContributions = Pick<ShapleyValues, 'prediction' | 'base'> & {
  readonly contributions: readonly {
    readonly factor: string;
    readonly contribution: number;
    /** The song's own value, as text; stands beside the factor where given. */
    readonly value?: string;
  }[];
};

interface Bar {
  readonly label: string;
  readonly contribution: number;
  readonly from: number;
  readonly to: number;
}

/** Bars from the base to the prediction, the largest first; the smallest together as the last. */
export function stackContributions({ base, contributions }: SongContributions): Bar[] {
  const sorted = [...contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const own = sorted.length > mostBars ? sorted.slice(0, mostBars - 1) : sorted;
  const others = sorted.slice(own.length);
  const entries = own.map(({ factor, contribution, value }) => {
    return { label: value ? `${shorten(factor, 16)} ${typeset(value)}` : factor, contribution };
  });
  if (others.length > 0) {
    const contribution = others.reduce((sum, other) => sum + other.contribution, 0);
    entries.push({ label: `${others.length} others`, contribution });
  }
  let at = base;
  return entries.map(({ label, contribution }) => {
    const from = at;
    at += contribution;
    return { label, contribution, from, to: at };
  });
}

/** How each factor moves one song's prediction: from the mean prediction, above, to the song's own, below. */
export function drawContributions(document: DrawingDocument, title: string, song: SongContributions): string {
  const bars = stackContributions(song).map((bar, i) => ({ ...bar, i }));
  const { base, prediction } = song;
  // Room for the numbers beside the bars.
  const domain = widen(findExtent([bars.flatMap(({ from, to }) => [from, to]), [base, prediction]]), 0.2);
  const steps = bars.slice(1).map(({ i, from }) => ({ from: i - 1, to: i, at: from }));
  const text = ({ contribution }: Bar) => `${contribution >= 0 ? '+' : ''}${typeset(formatNumber(contribution, 1))}`;
  const number = (rising: boolean) =>
    Plot.text(
      bars.filter(({ contribution }) => contribution >= 0 === rising),
      {
        x: 'to',
        y: 'i',
        text,
        textAnchor: rising ? 'start' : 'end',
        dx: rising ? 5 : -5,
        fill: 'currentColor',
        fontSize: 11,
      },
    );
  return drawPlot(document, describeContributions(title, song), {
    width: plotWidth,
    height: 62 + 23 * bars.length,
    marginLeft: 142,
    marginTop: 14,
    marginBottom: 42,
    x: { label: 'popularity', domain, ticks: 4, grid: true },
    y: {
      label: null,
      type: 'band',
      domain: bars.map(({ i }) => i),
      tickFormat: (i: number) => shorten(bars[i].label, 21),
      tickSize: 0,
      padding: 0.3,
    },
    marks: [
      Plot.ruleX([base], { stroke: 'currentColor', strokeDasharray: '2,3' }),
      Plot.ruleX([prediction], { stroke: 'currentColor', strokeWidth: 1.5 }),
      Plot.link(steps, { x1: 'at', x2: 'at', y1: 'from', y2: 'to', stroke: 'currentColor', strokeOpacity: 0.5 }),
      Plot.barX(
        bars.filter(({ contribution }) => contribution >= 0),
        { x1: 'from', x2: 'to', y: 'i', fill: palette.first },
      ),
      Plot.barX(
        bars.filter(({ contribution }) => contribution < 0),
        { x1: 'from', x2: 'to', y: 'i', fill: palette.second },
      ),
      number(true),
      number(false),
    ],
  });
}

/** The prediction, the mean, and what moved it most. */
export function describeContributions(title: string, song: SongContributions): string {
  const [first] = stackContributions(song);
  const lead = `${title}: predicted ${formatNumber(song.prediction, 1)}, where the mean prediction is ${formatNumber(song.base, 1)}`;
  if (!first) return `${lead}.`;
  const size = formatNumber(Math.abs(first.contribution), 1);
  return `${lead}; ${first.label} moves it most, ${size} points ${first.contribution >= 0 ? 'up' : 'down'}.`;
}
