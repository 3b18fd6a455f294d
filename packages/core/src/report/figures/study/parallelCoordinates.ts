import * as Plot from '@observablehq/plot';
import type { Trial } from '../../../tune/trial.ts';
import { formatCount } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth, shorten, thin } from '../draw.ts';
import { formatValue, type Objective, rankTrials, selectBestTenth, superlative, type Valued } from './objective.ts';
import { makeAxis, type ParameterAxis } from './parameterAxis.ts';
import { halo } from './signs.ts';
import { describePlaces } from './slice.ts';

/** Lines of trials that are not among the best, at most. */
const mostLines = 200;
const rowHeight = 42;

/**
 * Complete trials as lines across the parameters: one axis a row, its ends written below it. The best tenth in the
 * second colour and thicker, the best trial with rings. At most 200 evenly spaced ones of the others are drawn.
 */
export function drawParallelCoordinates(
  document: DrawingDocument,
  trials: readonly Trial[],
  names: readonly string[],
  objective: Objective,
): string {
  const axes = names.map((name) => makeAxis(trials, name));
  const ranked = rankTrials(trials, objective);
  const best = selectBestTenth(ranked);
  const others = ranked.slice(best.length);
  const shown = thin(others.length, mostLines).map((i) => others[i]);
  const points = (entries: readonly Valued[]) => entries.flatMap((entry) => listPoints(axes, entry));
  const line = { x: 'x', y: 'row', z: 'line' } as const;
  const ends = axes.flatMap((axis, row) => [
    { row, x: 0, anchor: 'start', text: nameEnd(axis, 0) },
    { row, x: 1, anchor: 'end', text: nameEnd(axis, 1) },
  ]);
  const middles = axes.flatMap((axis, row) =>
    listMiddles(axis).map((place) => ({ row, x: axis.shareOf(place), text: shorten(axis.format(place), 10) })),
  );
  return drawPlot(document, describeParallelCoordinates(trials, names, objective), {
    width: plotWidth,
    height: 30 + rowHeight * axes.length,
    marginLeft: 118,
    marginRight: 14,
    marginTop: 6,
    marginBottom: 6,
    x: { domain: [0, 1], axis: null },
    y: { domain: [-0.2, axes.length - 0.6], reverse: true, axis: null },
    marks: [
      Plot.link(axes, { x1: 0, x2: 1, y1: (_, i) => i, y2: (_, i) => i, stroke: 'currentColor', strokeOpacity: 0.6 }),
      Plot.line(points(shown), { ...line, stroke: palette.first, strokeOpacity: 0.3, strokeWidth: 1 }),
      Plot.line(points(best), { ...line, stroke: palette.second, strokeOpacity: 0.85, strokeWidth: 2 }),
      Plot.dot(points(best.slice(0, 1)), { x: 'x', y: 'row', r: 5, stroke: palette.second, strokeWidth: 2.2 }),
      Plot.text(axes, {
        x: 0,
        y: (_, i) => i,
        text: ({ name }) => shorten(name, 15),
        textAnchor: 'end',
        dx: -10,
        fill: 'currentColor',
        fontWeight: 'bold',
      }),
      ...(['start', 'end'] as const).map((textAnchor) =>
        Plot.text(
          ends.filter(({ anchor, text }) => anchor === textAnchor && text),
          { x: 'x', y: 'row', text: 'text', textAnchor, dy: 13, fontSize: 11, fill: 'currentColor', ...halo },
        ),
      ),
      Plot.text(middles, { x: 'x', y: 'row', text: 'text', dy: 13, fontSize: 11, fill: 'currentColor', ...halo }),
    ],
  });
}

/** A trial's places from row to row, as shares of the axes; where it lacks a parameter the line has a gap. */
function listPoints(axes: readonly ParameterAxis[], { trial }: Valued) {
  return axes.map((axis, row) => {
    const place = axis.spreadOf(trial);
    return { x: place === null ? Number.NaN : axis.shareOf(place), row, line: trial.number };
  });
}

/** The number at an end of an axis; categories stand where they are. */
function nameEnd(axis: ParameterAxis, end: 0 | 1): string {
  return axis.kind === 'category' ? '' : axis.format(axis.limits[end]);
}

function listMiddles(axis: ParameterAxis): number[] {
  return axis.kind === 'category' && axis.places <= 5 ? Array.from({ length: axis.places }, (_, i) => i) : [];
}

/** The parameter that the best trials leave least open. */
export function describeParallelCoordinates(
  trials: readonly Trial[],
  names: readonly string[],
  objective: Objective,
): string {
  const ranked = rankTrials(trials, objective);
  const best = selectBestTenth(ranked);
  if (best.length === 0) return 'No trial was completed.';
  const lead = `Trial ${best[0].trial.number} has the ${superlative(objective)} ${objective.label}, ${formatValue(best[0].value)}`;
  if (best.length < 3) return `${lead}; with ${formatCount(ranked.length)} complete trials, more cannot be read off.`;
  const narrow = names
    .map((name) => makeAxis(trials, name))
    .filter((axis) => best.every(({ trial }) => axis.placeOf(trial) !== null) && measureWidth(axis, ranked) > 0)
    .map((axis) => ({ axis, width: measureWidth(axis, best) / measureWidth(axis, ranked) }))
    .sort((a, b) => a.width - b.width)[0];
  if (!narrow || narrow.width >= 1) return `${lead}; the best ${best.length} trials are spread over all parameters.`;
  return `${lead}; the best ${best.length} are closest together in ${narrow.axis.name}: ${describePlaces(narrow.axis, best)}.`;
}

/** How much of an axis trials take up: categories by their number, ranges from end to end. */
function measureWidth(axis: ParameterAxis, entries: readonly Valued[]): number {
  const places = entries.map(({ trial }) => axis.placeOf(trial)).filter((place) => place !== null);
  if (axis.kind === 'category') return new Set(places).size - 1;
  const shares = places.map(axis.shareOf);
  return Math.max(...shares) - Math.min(...shares);
}
