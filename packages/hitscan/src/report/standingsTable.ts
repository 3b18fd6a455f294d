import { type Figure, findComparison, findReference, type Standings } from '../evaluate/standing.ts';
import { formatNumber, formatSeconds } from './numbers.ts';
import { alignColumns, stripControls } from './table.ts';

/** `110.43 [104.60, 116.60]` */
export function formatFigure(figure: Figure | null, decimals: number): string {
  if (!figure) return '–';
  const [mean, low, high] = [figure.mean, figure.low, figure.high].map((value) => formatNumber(value, decimals));
  return `${mean} [${low}, ${high}]`;
}

/** The standings as plain text for the terminal, without an end of line after the last line. */
export function formatStandings(standings: Standings, seconds: Readonly<Record<string, number>>): string {
  const reference = findReference(standings);
  const rows = standings.models.map(({ name, mse, r2, overFolds }) => {
    const against = findComparison(standings, name, reference);
    const { difference, low, high } = against ?? { difference: null, low: null, high: null };
    const sign = difference !== null && difference > 0 ? '+' : '';
    return [
      stripControls(name),
      formatFigure(mse, 1),
      formatFigure(r2, 3),
      formatNumber(overFolds.mae, 2),
      formatNumber(overFolds.spearman, 3),
      against ? `${sign}${formatNumber(difference, 2)} [${formatNumber(low, 2)}, ${formatNumber(high, 2)}]` : '',
      against?.verdict ?? '',
      formatSeconds(seconds[name] ?? Number.NaN),
    ];
  });
  const head = ['model', 'MSE [95 %]', 'R² [95 %]', 'MAE', 'Spearman', `MSE − ${reference}`, 'verdict', 'a fit'];
  return alignColumns([head, ...rows], [0, 6]);
}
