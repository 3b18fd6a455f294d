import { holdsTooFew, type ModelSummaries } from '../../compare/summariseModels.ts';
import type { ModelIntervals, TrainingOutcome } from '../../evaluate/results.ts';
import type { ExplainedSongs, SongEntry } from '../../explain/explainSong.ts';
import { findKept, reportedCoverages } from '../../intervals/measureIntervals.ts';
import { quoteValue } from '../../quoteValue.ts';
import { formatNumber, formatSeconds, formatSigned, stripControls } from './format.ts';
import { modelColumns } from './models.ts';
import {
  describeCounterfactual,
  describeModel,
  describePrediction,
  describeReading,
  describeReasons,
  describeWhatIfs,
  formatFeature,
  isFeature,
} from './songs.ts';
import { listSummaries, listSummariesHeads } from './summaries.ts';

/** Columns of a line in the terminal. */
const widest = 110;

const gap = '  ';

/**
 * The table of models as plain text for the terminal: two head lines, then a line for each model, without an end of
 * line after the last. Numbers are set right; a name that would make lines longer than 110 characters is cut with `…`.
 */
export function formatTable(outcome: Pick<TrainingOutcome, 'models' | 'data'>): string {
  const cells = outcome.models.map((model) => modelColumns.map((column) => column.format(model)));
  const widths = modelColumns.map((column, j) => Math.max(column.label.length, ...cells.map((row) => row[j].length)));
  const taken = widths.reduce((sum, width) => sum + gap.length + width, 0);
  const names = outcome.models.map((model) => cut(stripControls(model.name), Math.max(8, widest - taken)));
  const nameWidth = Math.max('model'.length, ...names.map((name) => [...name].length));

  const alignRow = (name: string, row: readonly string[]) =>
    [name + ' '.repeat(nameWidth - [...name].length), ...row.map((cell, j) => cell.padStart(widths[j]))]
      .join(gap)
      .trimEnd();
  const head = alignRow(
    'model',
    modelColumns.map((column) => column.label),
  );
  const lines = [formatGroups(nameWidth, widths), head, ...cells.map((row, i) => alignRow(names[i], row))];
  if (outcome.data.source.synthetic) lines.push('synthetic data: these figures say nothing about real songs');
  return lines.join('\n');
}

/** `test` and `train`, each ruled over its columns. */
function formatGroups(nameWidth: number, widths: readonly number[]): string {
  let line = ' '.repeat(nameWidth);
  for (let start = 0; start < modelColumns.length; ) {
    const { group } = modelColumns[start];
    let end = start + 1;
    while (end < modelColumns.length && modelColumns[end].group === group) end++;
    const width = widths.slice(start, end).reduce((sum, value) => sum + value, (end - start - 1) * gap.length);
    line += gap + (group === undefined ? ' '.repeat(width) : `── ${group} `.padEnd(width, '─'));
    start = end;
  }
  return line.trimEnd();
}

function cut(name: string, width: number): string {
  const letters = [...name];
  return letters.length <= width ? name : `${letters.slice(0, width - 1).join('')}…`;
}

/** Lines of cells in columns, all set right but for those that are set left. */
export function alignColumns(lines: readonly (readonly string[])[], leftAligned: readonly number[]): string {
  const widths = lines[0].map((_, j) => Math.max(...lines.map((line) => [...line[j]].length)));
  const pad = (cell: string, j: number) => {
    const space = ' '.repeat(widths[j] - [...cell].length);
    return leftAligned.includes(j) ? cell + space : space + cell;
  };
  return lines.map((line) => line.map(pad).join(gap).trimEnd()).join('\n');
}

/** Letters a line. */
const longestLine = 100;

/** A sentence in lines of at most 100 letters, the first after `first`, the others as far in. A longer word has its own line. */
export function wrapText(text: string, first: string): string {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > longestLine) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/**
 * The standings as plain text for the terminal, without an end of line after the last line. `seconds`: mean wall time of a fit, by
 * name.
 */
export function formatSummaries(standings: ModelSummaries, seconds: Readonly<Record<string, number>>): string {
  const names = standings.models.map(({ name }) => stripControls(name));
  const rows = listSummaries(standings).map((cells, i) => {
    const time = formatSeconds(seconds[standings.models[i].name] ?? Number.NaN);
    return [names[i], ...cells, time];
  });
  const leftAligned = holdsTooFew(standings.heldOut) ? [0] : [0, 6, 7];
  return alignColumns([['model', ...listSummariesHeads(standings), 'a fit'], ...rows], leftAligned);
}

const percent = (share: number | null): string => (share === null ? '–' : formatNumber(100 * share, 1));

/** Coverage and width of every model's intervals as plain text for the terminal; empty where there are none. */
export function formatIntervals(intervals: readonly ModelIntervals[]): string {
  if (intervals.length === 0) return '';
  const rows = intervals.map(({ name, figures }) => [
    stripControls(name),
    ...findKept(figures).reported.flatMap(({ covered, coveredLow, coveredHigh, meanWidth }) => [
      `${percent(covered)} [${percent(coveredLow)}, ${percent(coveredHigh)}]`,
      formatNumber(meanWidth, 1),
    ]),
  ]);
  const head = reportedCoverages.flatMap((coverage) => [`nominal ${100 * coverage} %`, 'width']);
  const lead = 'Prediction intervals: coverage of the held-out songs in %, and mean width in points.';
  return `${lead}\n${alignColumns([['model', ...head], ...rows], [0])}`;
}

/** Contributions below this many points share a line. */
const leastPoints = 0.1;

/** `"Title" by "Artist"`, harmless in a terminal. */
function nameSong({ title, artist, row }: SongEntry, file: string): string {
  const by = artist === '' ? '' : ` by ${quoteValue(artist)}`;
  return `${title === '' ? 'A song without a title' : quoteValue(title)}${by} (${file}:${row})`;
}

/** A line for each factor that moves the prediction by a tenth of a point, one for the others, and what they come to. */
function tabulate({ contributions, base, prediction, told }: SongEntry): string[] {
  const own = contributions.filter(({ contribution }) => Math.abs(contribution) >= leastPoints);
  const others = contributions.slice(own.length);
  const rest = others.reduce((sum, { contribution }) => sum + contribution, 0);
  const rows = [
    ['', 'this song', 'typical', 'points'],
    ['mean prediction', '', '', formatNumber(base, 2)],
    ...own.map(({ factor, value, typical, contribution }) => [
      factor,
      isFeature(factor)
        ? formatFeature(factor, value)
        : factor === 'release'
          ? String(told.release ?? 'not known')
          : '',
      isFeature(factor) ? formatFeature(factor, typical) : '',
      formatSigned(contribution, 2),
    ]),
    ...(others.length > 0 ? [[`${others.length} smaller`, '', '', formatSigned(rest, 2)]] : []),
    ['prediction', '', '', formatNumber(prediction, 2)],
  ];
  return alignColumns(rows, [0])
    .split('\n')
    .map((line) => `  ${line}`);
}

function formatSong(song: SongEntry, { file, gain }: ExplainedSongs): string {
  const indented = (sentences: readonly string[]) => sentences.map((text) => wrapText(text, '  '));
  return [
    nameSong(song, file.source),
    ...indented(describePrediction(song)),
    '',
    ...tabulate(song),
    '',
    ...indented([...describeReasons(song), describeCounterfactual(song, gain), ...describeWhatIfs(song)]),
  ].join('\n');
}

/** Songs explained, as text for the terminal. The same document gives the same text. */
export function formatSongs(document: ExplainedSongs): string {
  const parts = [
    describeModel(document)
      .map((text) => wrapText(text, ''))
      .join('\n'),
    ...document.songs.map((song) => formatSong(song, document)),
    ['How to read this', ...describeReading(document).map((text) => wrapText(text, '- '))].join('\n'),
  ];
  return parts.join('\n\n');
}
