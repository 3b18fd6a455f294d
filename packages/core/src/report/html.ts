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

/** One picture of a figure. */
export interface Panel {
  readonly title: string;
  readonly svg: string;
}

/** What a sign in the pictures stands for. */
export interface Key {
  /** Classes in `style.ts` that draw the sign. */
  readonly sign: string;
  readonly label: string;
}

/** Pictures side by side with the key of their signs above and a sentence on what to see below. */
export function renderFigure(keys: readonly Key[], panels: readonly Panel[], caption: string): string {
  const signs = keys.map(({ sign, label }) => `<li class="${sign}">${escapeHtml(label)}</li>`).join('');
  const pictures = panels.map(({ title, svg }) => `<div class="panel">\n<h3>${escapeHtml(title)}</h3>\n${svg}\n</div>`);
  return `<figure>
<ul class="keys">${signs}</ul>
<div class="panels">
${pictures.join('\n')}
</div>
<figcaption>${escapeHtml(caption)}</figcaption>
</figure>`;
}

/** One picture twice as wide as others, in a box that scrolls sideways, by keyboard too, where the screen is narrow. */
export function renderWideFigure(keys: readonly Key[], { title, svg }: Panel, caption: string): string {
  const signs = keys.map(({ sign, label }) => `<li class="${sign}">${escapeHtml(label)}</li>`).join('');
  return `<figure>
<h3>${escapeHtml(title)}</h3>
<ul class="keys">${signs}</ul>
<div class="scroll" role="region" aria-label="${escapeHtml(title)}" tabindex="0">
<div class="wide">
${svg}
</div>
</div>
<figcaption>${escapeHtml(caption)}</figcaption>
</figure>`;
}
