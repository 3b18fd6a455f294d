import type { Standings } from '../evaluate/standing.ts';
import { renderTable } from './html.ts';
import { typeset } from './numbers.ts';
import { listStandings, listStandingsHeads } from './standingsTable.ts';

/** The standings as a table. `seconds`: mean wall time of a fit, by name. `id`: unique in the page. */
export function renderStandings(
  standings: Standings,
  { id, caption, seconds }: { readonly id: string; readonly caption: string; readonly seconds: Record<string, number> },
): string {
  const rows = listStandings(standings, seconds).map((cells, i) => [standings.models[i].name, ...cells.map(typeset)]);
  const head = ['model', ...listStandingsHeads(standings)].map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}
