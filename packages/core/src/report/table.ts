import type { TrainingOutcome } from '../evaluate/results.ts';
import { modelColumns } from './columns.ts';

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

/** Lines of cells in columns, all set right but for those that are set left. */
export function alignColumns(lines: readonly (readonly string[])[], leftAligned: readonly number[]): string {
  const widths = lines[0].map((_, j) => Math.max(...lines.map((line) => [...line[j]].length)));
  const pad = (cell: string, j: number) => {
    const space = ' '.repeat(widths[j] - [...cell].length);
    return leftAligned.includes(j) ? cell + space : space + cell;
  };
  return lines.map((line) => line.map(pad).join(gap).trimEnd()).join('\n');
}

/** Control characters could move the cursor or colour the screen. */
export function stripControls(name: string): string {
  return name.replace(/\p{Cc}/gu, '');
}

function cut(name: string, width: number): string {
  const letters = [...name];
  return letters.length <= width ? name : `${letters.slice(0, width - 1).join('')}…`;
}
