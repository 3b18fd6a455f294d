import { formatCsv } from '../tracks/writeCsv.ts';

/** One rule that a row breaks. */
export interface Fault {
  /** The column at fault, or `(row)` where the whole row is. */
  readonly column: string;
  /** Words after the column's name: `must be between 0 and 100`. */
  readonly rule: string;
  /** What was found, as it stands in the file. */
  readonly value: string;
  /** One line: `tracks.csv:812: popularity must be between 0 and 100, got "187"`. */
  readonly message: string;
}

/** A row that was set aside, with all its faults. */
export interface Reject {
  /** 1-based row in the file; the header is row 1. */
  readonly row: number;
  /** At least one. */
  readonly faults: readonly Fault[];
  /** The row's cells as they stand in the file. */
  readonly cells: readonly string[];
  /** The file's column names, one list shared by all rejects of a file. */
  readonly columns: readonly string[];
}

/**
 * The rejected rows as CSV, one line a fault: `row, column, rule, value`, then the row's cells under their own names.
 * Cells beyond the file's columns come last, joined by commas, so that the table is rectangular.
 */
export function formatRejects(rejects: readonly Reject[]): string {
  const columns = rejects[0]?.columns ?? [];
  const header = ['row', 'column', 'rule', 'value', ...columns, 'further_cells'];
  const lines = rejects.flatMap(({ row, faults, cells }) => {
    const inColumns = columns.map((_, i) => cells[i] ?? '');
    const further = cells.slice(columns.length).join(',');
    return faults.map(({ column, rule, value }) => [row, column, rule, value, ...inColumns, further]);
  });
  return formatCsv([header, ...lines]);
}
