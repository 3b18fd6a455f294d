import * as Plot from '@observablehq/plot';
import { quantile } from '../../../statistics/quantiles.ts';
import type { Trial } from '../../../tune/trial.ts';
import { formatCount, formatSeconds } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, thin } from '../draw.ts';
import { listWholeTicks } from './parameterAxis.ts';

/** Bars at most: more would be thinner than half a pixel. */
const mostBars = 600;
/** Pixels of all bars together, at most. */
const mostHeight = 405;

/** A trial's time, in seconds since the first began, pauses left out. */
interface Span {
  readonly trial: Trial;
  readonly start: number;
  readonly end: number;
}

/** All trials' times, and when nothing ran for so long that it was left out. */
interface Schedule {
  readonly spans: readonly Span[];
  readonly pauses: readonly number[];
}

/**
 * When each trial ran, by number from the top: complete ones in the first colour, pruned ones in the text's, failed ones
 * in the second with a cross at the end. Pauses longer than the longest trial are left out and marked by a line. At most
 * 600 evenly spaced trials are drawn. At least one trial must have begun.
 */
export function drawTimeline(document: DrawingDocument, trials: readonly Trial[]): string {
  const { spans, pauses } = layOut(trials);
  const shown = thin(spans.length, mostBars).map((i) => spans[i]);
  const total = Math.max(1e-3, ...spans.map(({ end }) => end));
  const unit = chooseUnit(total);
  const [first, last] = findExtent([spans.map(({ trial }) => trial.number)]);
  const count = last - first + 1;
  const height = Math.min(mostHeight, count * Math.max(4.5, Math.min(16, 300 / count)));
  // A bar of less than a pixel is not seen.
  const half = Math.max(0.38, (0.5 * count) / height);
  const bars = shown.map(({ trial: { number, state }, start, end }) => {
    const width = Math.max(end - start, total / 300);
    const [x1, x2] = [start / unit.seconds, (start + width) / unit.seconds];
    return { state, number, x1, x2, y1: number - half, y2: number + half };
  });
  const barsOf = (state: Trial['state']) => bars.filter((bar) => bar.state === state);
  const place = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' } as const;
  return drawPlot(document, describeTimeline(trials), {
    width: plotWidth,
    height: 70 + height,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 42,
    x: { label: unit.label, domain: [0, total / unit.seconds], ticks: 5, grid: true },
    y: {
      label: 'trial',
      labelArrow: 'down',
      domain: [last + 0.5, first - 0.5],
      ticks: listWholeTicks(first, last, Math.max(2, height / 30)),
      tickFormat: String,
    },
    marks: [
      Plot.ruleX(
        pauses.map((second) => second / unit.seconds),
        { stroke: 'currentColor', strokeDasharray: '2,3' },
      ),
      Plot.rect(barsOf('complete'), { ...place, fill: palette.first }),
      Plot.rect(barsOf('pruned'), { ...place, fill: 'currentColor', fillOpacity: 0.55 }),
      Plot.rect(barsOf('running'), { ...place, fill: palette.first, fillOpacity: 0.3 }),
      Plot.rect(barsOf('fail'), { ...place, fill: palette.second }),
      Plot.dot(barsOf('fail'), {
        x: 'x2',
        y: 'number',
        dx: 5,
        symbol: 'times',
        r: 2.5,
        stroke: palette.second,
        strokeWidth: 1.5,
      }),
    ],
  });
}

/** How long the search took, and what pruning saved. */
export function describeTimeline(trials: readonly Trial[]): string {
  const { spans, pauses } = layOut(trials);
  const total = Math.max(...spans.map(({ end }) => end));
  const atOnce = countAtOnce(spans);
  const lead = `${formatCount(spans.length)} trials ran for ${formatSeconds(total)} in all, ${atOnce === 1 ? 'one at a time' : `up to ${atOnce} at a time`}`;
  const breaks = describePauses(pauses.length);
  const [complete, pruned] = (['complete', 'pruned'] as const).map((state) =>
    Float64Array.from(
      spans.filter(({ trial }) => trial.state === state),
      ({ start, end }) => end - start,
    ).sort(),
  );
  if (complete.length === 0) return `${lead}${breaks}.`;
  const half = `Half of the complete ones took at most ${formatSeconds(quantile(complete, 0.5))}`;
  if (pruned.length === 0) return `${lead}${breaks}. ${half}.`;
  return `${lead}${breaks}. ${half}, half of the pruned ones ${formatSeconds(quantile(pruned, 0.5))}.`;
}

function describePauses(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? '; a pause is left out at the dotted line'
    : `; ${count} pauses are left out at the dotted lines`;
}

/** Whether there is anything to draw. */
export function hasTimes(trials: readonly Trial[]): boolean {
  return trials.some(({ started }) => started !== null);
}

function layOut(trials: readonly Trial[]): Schedule {
  const times = trials.flatMap((trial) => (trial.started ? [{ trial, start: trial.started.getTime() }] : []));
  const latest = Math.max(...times.flatMap(({ trial, start }) => [start, trial.ended?.getTime() ?? start]));
  const ordered = times
    .map(({ trial, start }) => ({ trial, start, end: Math.max(start, trial.ended?.getTime() ?? latest) }))
    .sort((a, b) => a.start - b.start || a.trial.number - b.trial.number);
  const longest = Math.max(...ordered.map(({ start, end }) => end - start));
  const spans: Span[] = [];
  const pauses: number[] = [];
  let leftOut = ordered[0].start;
  let busyUntil = ordered[0].start;
  for (const { trial, start, end } of ordered) {
    if (start - busyUntil > longest) {
      pauses.push((busyUntil - leftOut) / 1000);
      leftOut += start - busyUntil;
    }
    busyUntil = Math.max(busyUntil, end);
    spans.push({ trial, start: (start - leftOut) / 1000, end: (end - leftOut) / 1000 });
  }
  return { spans, pauses };
}

/** Most trials that ran at one moment; one that begins as another ends is not beside it. */
function countAtOnce(spans: readonly Span[]): number {
  const changes = spans.flatMap(({ start, end }) =>
    end > start
      ? [
          { at: start, by: 1 },
          { at: end, by: -1 },
        ]
      : [],
  );
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = Math.min(1, spans.length);
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function chooseUnit(total: number): { seconds: number; label: string } {
  if (total < 180) return { seconds: 1, label: 'seconds' };
  return total < 3 * 3600 ? { seconds: 60, label: 'minutes' } : { seconds: 3600, label: 'hours' };
}
