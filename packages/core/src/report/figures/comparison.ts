import * as Plot from '@observablehq/plot';
import { type Figure, findComparison, holdsTooFew, type ModelSummaries } from '../../compare/summariseModels.ts';
import { formatCount, formatNumber, typeset } from '../text/format.ts';
import { labelVerdict, warnOfFew } from '../text/summaries.ts';
import { type DrawingDocument, drawPlot, findExtent, palette, plotWidth, shorten, widen } from './draw.ts';

/** The longest name that fits beside a row. */
const nameLength = 18;

/** Folds drawn of a model at most. */
const mostFolds = 60;

interface Row {
  readonly name: string;
  /** Stands below the name. */
  readonly word: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly folds: readonly number[];
}

/**
 * Each model's mean squared error less that of the reference, with the interval that its word below the name is read off and,
 * where there are several folds, the difference in each. The reference itself is the line at zero.
 */
export function drawDifferences(document: DrawingDocument, standings: ModelSummaries): string {
  const { reference } = standings;
  const own = standings.models.find(({ name }) => name === reference)?.foldErrors ?? [];
  const rows = standings.models
    .filter(({ name }) => name !== reference)
    .map(({ name, foldErrors }): Row => {
      const found = findComparison(standings, name, reference);
      const { difference, low, high } = found ?? { difference: null, low: null, high: null };
      const folds = foldErrors.map((error, fold) => error - own[fold]);
      return { name, word: labelVerdict(found).word, value: difference, low, high, folds };
    });
  return drawRows(document, describeComparison(standings), `MSE − MSE of ${shorten(reference, nameLength)}`, rows, 0);
}

/** Each model's mean squared error with its 95 % interval, but of too few songs, and, where there are several folds, the error in each. */
export function drawErrors(document: DrawingDocument, standings: ModelSummaries): string {
  const few = holdsTooFew(standings.heldOut);
  const rows = standings.models.map(({ name, mse, foldErrors }): Row => {
    const { low, high } = few || !mse ? { low: null, high: null } : mse;
    const value = mse?.mean ?? null;
    return { name, word: formatNumber(value, 1), value, low, high, folds: foldErrors };
  });
  const label = `Mean squared error of each model${few ? '' : ' with 95 % intervals'}.`;
  return drawRows(document, label, 'MSE, squared points', rows, null);
}

function drawRows(
  document: DrawingDocument,
  label: string,
  axis: string,
  rows: readonly Row[],
  zero: number | null,
): string {
  const marks = rows.flatMap(({ word, value, low, high }, i) =>
    value === null ? [] : [{ i, word, value, low, high }],
  );
  const folds = rows.flatMap((row, i) =>
    row.folds.length > 1 ? row.folds.slice(0, mostFolds).map((value) => ({ i, value })) : [],
  );
  const ends = marks.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const domain = widen(findExtent([ends, folds.map(({ value }) => value), zero === null ? [] : [zero]]));
  const intervals = marks.filter(({ low, high }) => low !== null && high !== null);
  const select = (...words: readonly string[]) => marks.filter(({ word }) => words.includes(word));
  const [better, worse, none] = [select('better'), select('worse'), select('no difference shown', '')];
  return drawPlot(document, label, {
    width: plotWidth,
    height: 58 + 38 * rows.length,
    marginLeft: 128,
    marginRight: 14,
    marginTop: 10,
    marginBottom: 42,
    x: { label: axis, domain, ticks: 4, grid: true },
    y: {
      label: null,
      type: 'band',
      domain: rows.map((_, i) => i),
      tickFormat: (i: number) => `${shorten(rows[i].name, nameLength)}\n${rows[i].word}`,
      tickSize: 0,
    },
    marks: [
      ...(zero === null ? [] : [Plot.ruleX([zero], { stroke: 'currentColor' })]),
      Plot.dot(folds, { x: 'value', y: 'i', dy: 9, r: 1.5, fill: 'currentColor', fillOpacity: 0.4 }),
      Plot.link(intervals, { x1: 'low', x2: 'high', y1: 'i', y2: 'i', stroke: palette.first, strokeWidth: 2 }),
      ...(zero === null
        ? [Plot.dot(marks, { x: 'value', y: 'i', fill: palette.first, r: 4 })]
        : [
            Plot.dot(better, { x: 'value', y: 'i', fill: palette.first, r: 4.5 }),
            Plot.dot(worse, { x: 'value', y: 'i', fill: palette.second, r: 4.5, symbol: 'square' }),
            Plot.dot(none, { x: 'value', y: 'i', stroke: 'currentColor', strokeWidth: 2, r: 3.5 }),
          ]),
    ],
  });
}

/** How many models are better and worse than the reference, and which has the lowest error. */
export function describeComparison(standings: ModelSummaries): string {
  const { reference } = standings;
  const few = warnOfFew(standings.heldOut);
  if (few) return few;
  const others = standings.models.filter(({ name }) => name !== reference);
  const verdicts = others.map(({ name }) => findComparison(standings, name, reference)?.verdict);
  const [better, worse] = (['better', 'worse'] as const).map(
    (word) => verdicts.filter((verdict) => verdict === word).length,
  );
  const rest = others.length - better - worse;
  const lead =
    others.length === 0
      ? ''
      : `Compared with ${reference}: ${better} of ${formatCount(others.length)} ${others.length === 1 ? 'model' : 'models'} significantly better, ${worse} significantly worse, ${rest} not significantly different. `;
  const best = standings.models.reduce<{ name: string; mse: Figure } | null>((lowest, { name, mse }) => {
    return mse && (!lowest || mse.mean < lowest.mse.mean) ? { name, mse } : lowest;
  }, null);
  if (!best) return `${lead}These songs give no interval.`;
  return `${lead}${best.name} has the lowest MSE: ${formatFigure(best.mse)}.`;
}

function formatFigure({ mean, low, high }: Figure): string {
  return `${formatNumber(mean, 1)} (${typeset(formatNumber(low, 1))} to ${typeset(formatNumber(high, 1))})`;
}
