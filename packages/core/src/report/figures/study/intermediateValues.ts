import * as Plot from '@observablehq/plot';
import { quantile } from '../../../statistics/quantiles.ts';
import type { Trial } from '../../../tune/trial.ts';
import { formatCount, formatNumber } from '../../text/format.ts';
import { type DrawingDocument, drawPlot, palette, plotWidth, thin } from '../draw.ts';
import { formatValue, type Objective, rankTrials } from './objective.ts';

/** Lines of complete and of pruned trials, and points of each, at most. */
const mostCurves = 60;
const mostSteps = 90;
/** Reports above this share of them (below, where large is good) stand at the edge: of models hardly trained. */
const shownShare = 0.97;

/**
 * What trials reported, by step: complete ones thin, pruned ones dashed with a cross at the end, the best thick. Reports
 * that are no number leave a gap. At most 60 evenly spaced lines of each kind are drawn, and 90 steps of each.
 */
export function drawIntermediateValues(
  document: DrawingDocument,
  trials: readonly Trial[],
  objective: Objective,
): string {
  const [best] = rankTrials(trials, objective).filter(({ trial }) => trial.intermediate.size > 0);
  const clamp = boundReports(trials, objective);
  const complete = selectReporting(trials, 'complete').filter((trial) => trial !== best?.trial);
  const pruned = selectReporting(trials, 'pruned');
  const points = (part: readonly Trial[]) =>
    thin(part.length, mostCurves).flatMap((i) =>
      listReports(part[i]).map((point) => ({ ...point, y: clamp(point.y) })),
    );
  const line = { x: 'x', y: 'y', z: 'line' } as const;
  const prunedPoints = points(pruned);
  const ends = prunedPoints.filter(({ line, y }, i) => prunedPoints[i + 1]?.line !== line && Number.isFinite(y));
  return drawPlot(document, describeIntermediateValues(trials, objective), {
    width: plotWidth,
    height: 280,
    marginLeft: 52,
    marginTop: 28,
    marginBottom: 42,
    x: { label: 'step', ticks: 5 },
    y: { label: `${objective.label} so far`, ticks: 5, grid: true, nice: true },
    marks: [
      Plot.line(points(complete), { ...line, stroke: palette.first, strokeOpacity: 0.4, strokeWidth: 1 }),
      Plot.line(prunedPoints, {
        ...line,
        stroke: 'currentColor',
        strokeOpacity: 0.45,
        strokeDasharray: '3,2',
        strokeWidth: 1,
      }),
      Plot.dot(ends, { x: 'x', y: 'y', symbol: 'times', r: 2.2, stroke: 'currentColor', strokeOpacity: 0.7 }),
      Plot.line(best ? points([best.trial]) : [], { ...line, stroke: palette.second, strokeWidth: 2.5 }),
    ],
  });
}

/** How early trials were pruned. */
export function describeIntermediateValues(trials: readonly Trial[], objective: Objective): string {
  const [complete, pruned] = [selectReporting(trials, 'complete'), selectReporting(trials, 'pruned')];
  const [best] = rankTrials(trials, objective).filter(({ trial }) => trial.intermediate.size > 0);
  const lead = best ? `Trial ${best.trial.number}, the best, ended at ${formatValue(best.value)}. ` : '';
  if (pruned.length === 0) return `${lead}None of ${formatCount(complete.length)} trials with reports was pruned.`;
  const ends = `${formatCount(pruned.length)} of ${formatCount(complete.length + pruned.length)} trials were pruned`;
  const rest = complete.length === 0 ? '' : `; complete ones have ${describeLengths(complete)}`;
  return `${lead}${ends}, after ${describeLengths(pruned)} reports${rest}.`;
}

/** How many reports trials have: `17`, `4 to 30 (median 9)`. */
function describeLengths(trials: readonly Trial[]): string {
  const counts = Float64Array.from(trials, ({ intermediate }) => intermediate.size).sort();
  const [low, median, high] = [0, 0.5, 1].map((share) => formatNumber(quantile(counts, share), 0));
  return low === high ? low : `${low} to ${high} (median ${median})`;
}

/** Trials of a state that reported at least one number. */
export function selectReporting(trials: readonly Trial[], state: Trial['state']): Trial[] {
  return trials.filter((trial) => trial.state === state && [...trial.intermediate.values()].some(Number.isFinite));
}

function listReports({ number, intermediate }: Trial) {
  const reports = [...intermediate];
  // The last one is where the line ends.
  const kept = new Set([...thin(reports.length, mostSteps), reports.length - 1]);
  return [...kept].map((i) => {
    const [x, value] = reports[i];
    return { x, y: Number.isFinite(value) ? value : Number.NaN, line: number };
  });
}

/** Moves values at the bad end to the edge. */
function boundReports(trials: readonly Trial[], { direction }: Objective): (value: number) => number {
  const reporting = [...selectReporting(trials, 'complete'), ...selectReporting(trials, 'pruned')];
  const reports = Float64Array.from(
    reporting.flatMap(({ intermediate }) => [...intermediate.values()].filter(Number.isFinite)),
  ).sort();
  if (direction === 'maximize') {
    const low = quantile(reports, 1 - shownShare);
    return (value) => Math.max(low, value);
  }
  const high = quantile(reports, shownShare);
  return (value) => Math.min(high, value);
}
