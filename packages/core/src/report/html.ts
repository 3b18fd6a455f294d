/** Text as it may stand in HTML or SVG, inside a double-quoted attribute as well. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A head cell. Cells under it are plain text and are escaped. */
export interface HeadCell {
  readonly label: string;
  /** Heading over several neighbours with the same group. */
  readonly group?: string;
}

/**
 * A table in a box of its own that scrolls sideways, by keyboard too, where the screen is narrow. The first cell of each
 * row is its heading; all others are numbers, set right.
 *
 * @param id unique in the page
 */
export function renderTable(
  id: string,
  caption: string,
  head: readonly HeadCell[],
  rows: readonly (readonly string[])[],
): string {
  const body = rows.map(([name, ...cells]) => {
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}"><span>${escapeHtml(caption)}</span></caption>
<thead>${renderHead(head)}</thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
</div>`;
}

function renderHead(head: readonly HeadCell[]): string {
  const renderCell = ({ label }: HeadCell) => `<th scope="col">${escapeHtml(label)}</th>`;
  if (head.every((cell) => cell.group === undefined)) return `<tr>${head.map(renderCell).join('')}</tr>`;
  let top = '';
  let bottom = '';
  for (let start = 0; start < head.length; ) {
    const { group, label } = head[start];
    if (group === undefined) {
      top += `<th scope="col" rowspan="2">${escapeHtml(label)}</th>`;
      start++;
      continue;
    }
    let end = start;
    while (end < head.length && head[end].group === group) bottom += renderCell(head[end++]);
    top += `<th scope="colgroup" colspan="${end - start}">${escapeHtml(group)}</th>`;
    start = end;
  }
  return `<tr>${top}</tr><tr>${bottom}</tr>`;
}
