import type { ModelSummaries } from '../compare/summariseModels.ts';
import { renderTable } from './html.ts';
import { typeset } from './numbers.ts';
import { listSummaries, listSummariesHeads } from './summaryTable.ts';

/** The standings as a table. `id`: unique in the page. */
export function renderSummaries(
  standings: ModelSummaries,
  { id, caption }: { readonly id: string; readonly caption: string },
): string {
  const rows = listSummaries(standings).map((cells, i) => [standings.models[i].name, ...cells.map(typeset)]);
  const head = ['model', ...listSummariesHeads(standings)].map((label) => ({ label }));
  return renderTable(`${id}-caption`, caption, head, rows);
}
