import { findComparison, findReference, type Standings } from '../evaluate/standing.ts';
import { renderTable } from './html.ts';
import { formatNumber, formatSeconds, typeset } from './numbers.ts';
import { formatFigure } from './standingsTable.ts';

const number = (value: number | null): string => typeset(formatNumber(value, 2));

/** The standings as a table. `seconds`: mean wall time of a fit, by name. `id`: unique in the page. */
export function renderStandings(
  standings: Standings,
  { id, caption, seconds }: { readonly id: string; readonly caption: string; readonly seconds: Record<string, number> },
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
      formatSeconds(seconds[name] ?? Number.NaN),
    ];
  });
  const labels = ['model', 'MSE', 'R²', 'MAE', 'Spearman', `MSE − ${reference}`, 'verdict', 'a fit'];
  const head = labels.map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}
