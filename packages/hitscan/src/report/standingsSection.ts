import { findComparison, findReference, type Standings } from '../evaluate/standing.ts';
import { renderTable } from './html.ts';
import { formatNumber, typeset } from './numbers.ts';
import { formatFigure } from './standingsTable.ts';

const number = (value: number | null): string => typeset(formatNumber(value, 2));

/** The standings as a table. `id`: unique in the page. */
export function renderStandings(
  standings: Standings,
  { id, caption }: { readonly id: string; readonly caption: string },
): string {
  const reference = findReference(standings);
  const rows = standings.models.map(({ name, mse, r2, overFolds }) => {
    const against = findComparison(standings, name, reference);
    const range = against ? `${number(against.difference)} [${number(against.low)}, ${number(against.high)}]` : '';
    return [
      name,
      typeset(formatFigure(mse, 1)),
      typeset(formatFigure(r2, 3)),
      typeset(formatNumber(overFolds.mae, 2)),
      typeset(formatNumber(overFolds.spearman, 3)),
      range,
      against?.verdict ?? '',
    ];
  });
  const labels = ['model', 'MSE', 'R²', 'MAE', 'Spearman', `MSE − ${reference}`, 'verdict'];
  const head = labels.map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}
