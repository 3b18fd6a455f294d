/*
 * What a run has found, for people. Four folders, each of which uses only those before it:
 *
 * - `text/`      plain text: numbers, sentences and cells of tables, and what the terminal shows
 * - `figures/`   one figure a file: numbers → SVG, and a sentence on what it shows; `study/` those of a search
 * - `sections/`  parts of pages: figures and tables with their headings and captions, as HTML (`html.ts`)
 * - `pages/`     whole documents: the reports of `train`, `evaluate` and `investigate`, the page of `explain`, the model card
 *
 * Figures take long to load. What shows text alone imports `@hitscan/core/reportText`, which loads none.
 */
export { renderEvaluation } from './pages/evaluation.ts';
export { renderInvestigation } from './pages/investigation.ts';
export { writeModelCard } from './pages/modelCard.ts';
export type { FitTime, PageTimes } from './pages/page.ts';
export { renderReport } from './pages/report.ts';
export { renderSongs } from './pages/songPage.ts';
