import type { Fault } from '../tracks/checkRow.ts';
import { formatCsv } from '../tracks/writeCsv.ts';

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
