import { escapeHtml } from './html.ts';

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
