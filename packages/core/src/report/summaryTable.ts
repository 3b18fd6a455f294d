import { type Figure, findComparison, holdsTooFew, type ModelSummaries } from '../compare/summariseModels.ts';
import { formatNumber, formatSeconds } from './numbers.ts';
import { formatDifference, labelVerdict } from './summaryWords.ts';
import { alignColumns, stripControls } from './table.ts';

/** `110.43 [104.60, 116.60]` */
export function formatFigure(figure: Figure | null, decimals: number): string {
  if (!figure) return '–';
  const [mean, low, high] = [figure.mean, figure.low, figure.high].map((value) => formatNumber(value, decimals));
  return `${mean} [${low}, ${high}]`;
}

/** Heads of the columns of standings that follow the names. Of too few songs there are neither intervals nor words. */
export function listSummariesHeads({ heldOut, reference }: ModelSummaries): readonly string[] {
  const difference = `MSE − ${reference}`;
  return holdsTooFew(heldOut)
    ? ['MSE', 'R²', 'MAE', 'Spearman', difference]
    : ['MSE [95 %]', 'R² [95 %]', 'MAE', 'Spearman', difference, 'level', 'verdict'];
}

/** The cells of each model under these heads. */
export function listSummaries(standings: ModelSummaries): readonly string[][] {
  const few = holdsTooFew(standings.heldOut);
  const set = (figure: Figure | null, decimals: number) =>
    few ? formatNumber(figure?.mean ?? null, decimals) : formatFigure(figure, decimals);
  return standings.models.map(({ name, mse, r2, overFolds }) => {
    const against = findComparison(standings, name, standings.reference);
    const { level, word } = labelVerdict(against);
    return [
      set(mse, 1),
      set(r2, 3),
      formatNumber(overFolds.mae, 2),
      formatNumber(overFolds.spearman, 3),
      formatDifference(against, 2),
      ...(few ? [] : [level, word]),
    ];
  });
}

/**
 * The standings as plain text for the terminal, without an end of line after the last line. `seconds`: mean wall time of a fit, by
 * name.
 */
export function formatSummaries(standings: ModelSummaries, seconds: Readonly<Record<string, number>>): string {
  const names = standings.models.map(({ name }) => stripControls(name));
  const rows = listSummaries(standings).map((cells, i) => {
    const time = formatSeconds(seconds[standings.models[i].name] ?? Number.NaN);
    return [names[i], ...cells, time];
  });
  const leftAligned = holdsTooFew(standings.heldOut) ? [0] : [0, 6, 7];
  return alignColumns([['model', ...listSummariesHeads(standings), 'a fit'], ...rows], leftAligned);
}
