import { CsvError, parse } from 'csv-parse/sync';
import { DataError } from '../errors.ts';
import { longestLine, type TextFile } from './readBytes.ts';

/** One row's cells as text, with its 1-based number in the file: the header is row 1, blank lines count. */
export type RowVisitor = (cells: readonly string[], row: number) => void;

/**
 * Calls `visit` for each row that is not blank, header included, in file order.
 *
 * Reads RFC 4180 with what real files add to it: `\n`, `\r\n` and `\r` as line ends, and quotes inside unquoted cells.
 * A quote that is opened in the last line and never closed is taken as cut off: its line is visited as one cell.
 * Throws: DataError for a quote that is never closed and swallows further lines, or for a row above 1 MB.
 */
export function parseRows({ name, bytes }: TextFile, visit: RowVisitor): void {
  let row = 0;
  let parsedBytes = 0;
  try {
    parse(bytes, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: longestLine,
      on_record(cells: string[], { bytes: end }) {
        row++;
        parsedBytes = end;
        if (cells.length > 1 || cells[0].trim() !== '') visit(cells, row);
        // The parser keeps nothing: rows live on as typed columns only.
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const where = `${name}:${row + 1}`;
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
      const rest = bytes.toString('utf8', parsedBytes).replace(/[\r\n]+$/, '');
      if (!/[\r\n]/.test(rest)) {
        visit([rest], row + 1);
        return;
      }
      throw new DataError(
        where,
        'must close every quote, got one that never ends; close it, or double it inside a cell',
      );
    }
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      const limit = `must be at most ${longestLine.toLocaleString('en')} characters`;
      throw new DataError(where, `a row ${limit}, got more; is a quote not closed?`);
    }
    throw new DataError(where, `must be CSV, got ${error.code}`);
  }
}
