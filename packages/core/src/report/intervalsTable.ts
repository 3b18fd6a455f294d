import type { ModelIntervals } from '../evaluate/results.ts';
import { reportedCoverages } from '../intervals/measureIntervals.ts';
import { formatNumber } from './numbers.ts';
import { findKept } from './sections/intervals.ts';
import { alignColumns, stripControls } from './table.ts';

const percent = (share: number | null): string => (share === null ? '–' : formatNumber(100 * share, 1));

/** Coverage and width of every model's intervals as plain text for the terminal; empty where there are none. */
export function formatIntervals(intervals: readonly ModelIntervals[]): string {
  if (intervals.length === 0) return '';
  const rows = intervals.map(({ name, figures }) => [
    stripControls(name),
    ...findKept(figures).reported.flatMap(({ covered, coveredLow, coveredHigh, meanWidth }) => [
      `${percent(covered)} [${percent(coveredLow)}, ${percent(coveredHigh)}]`,
      formatNumber(meanWidth, 1),
    ]),
  ]);
  const head = reportedCoverages.flatMap((coverage) => [`${100 * coverage} % promised`, 'width']);
  const lead =
    'Intervals around predictions: share of the held-out songs that they cover, in %, and mean width in points.';
  return `${lead}\n${alignColumns([['model', ...head], ...rows], [0])}`;
}
