import { escapeHtml, renderTable } from './html.ts';
import { formatSeconds } from './numbers.ts';

/** Wall time of a model's fit, the mean where there were several; NaN where it is not known. */
export interface FitTime {
  readonly name: string;
  readonly seconds: number;
}

/** Which run a page is of, and when and how long it was worked on. */
export interface PageTimes {
  readonly run: string;
  readonly started: Date;
  /** Wall time until the page was written, pauses left out. */
  readonly seconds: number;
  readonly threads: number;
  readonly fits: readonly FitTime[];
}

/** The foot of a run's page: the only part in which the pages of equal runs differ. `figure` is drawn below the table. */
export function renderTimes({ run, started, seconds, threads, fits }: PageTimes, figure = ''): string {
  const rows = fits.map((fit) => [fit.name, formatSeconds(fit.seconds)]);
  const table = renderTable('times-caption', 'How long a fit took', [{ label: 'model' }, { label: 'a fit' }], rows);
  return `<h2>Times</h2>
<dl>
<dt>Run</dt><dd>${escapeHtml(run)}</dd>
<dt>Begun</dt><dd>${started.toISOString().slice(0, 19).replace('T', ' ')} UTC</dd>
<dt>Worked on</dt><dd>${formatSeconds(seconds)} on ${threads} ${threads === 1 ? 'thread' : 'threads'}</dd>
</dl>
${table}${figure && `\n${figure}`}`;
}
