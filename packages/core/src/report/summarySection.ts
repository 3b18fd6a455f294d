import type { Standings } from '../compare/summariseModels.ts';
import { renderTable } from './html.ts';
import { typeset } from './numbers.ts';
import { listStandings, listStandingsHeads } from './summaryTable.ts';

/** The standings as a table. `id`: unique in the page. */
export function renderStandings(
  standings: Standings,
  { id, caption }: { readonly id: string; readonly caption: string },
): string {
  const rows = listStandings(standings).map((cells, i) => [standings.models[i].name, ...cells.map(typeset)]);
  const head = ['model', ...listStandingsHeads(standings)].map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}
