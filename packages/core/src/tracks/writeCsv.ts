import { listFeatures, listFileColumns } from './schema.ts';
import type { Column, Tracks } from './tracks.ts';

/** What a cell is written from; null is an empty cell. */
export type CellValue = string | number | null;

/** Decimal or scientific; no hexadecimal, no thousands separators, no decimal comma, no infinity. */
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Longest number that is looked at; a double needs at most 24 characters, exports pad with zeros. */
const longestNumber = 400;

/** Whether a text is a plain decimal number, and so no formula. */
export function isDecimal(text: string): boolean {
  return text.length <= longestNumber && decimalPattern.test(text);
}

/**
 * One cell after RFC 4180. A number is written as JavaScript prints it, one that is not finite as an empty cell.
 *
 * A spreadsheet runs text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula; such text gets
 * a leading apostrophe, except a plain number, which is none.
 */
export function csvCell(value: CellValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r]/.test(value) && !isDecimal(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV text, each line ended by a line feed. */
export function formatCsv(rows: Iterable<readonly CellValue[]>): string {
  return Array.from(rows, (row) => `${row.map(csvCell).join(',')}\n`).join('');
}

/** Rows in one piece of text: a table of millions does not fit into a string. */
const pieceRows = 4096;

/**
 * A table as a CSV file with the columns of `listFileColumns`, and `release_date` where it has one, in pieces; missing values are
 * empty cells.
 */
export function* formatTracksInPieces(tracks: Omit<Tracks, 'source'>): Generator<string, void> {
  const { count, schema, artist, trackId, title, features, popularity, releaseDate } = tracks;
  const columns = [...listFeatures(schema).map((name) => features[name]), popularity];
  const cell = ({ values, missing }: Column, row: number) => (missing[row] ? null : values[row]);
  const toCells = (row: number): CellValue[] => {
    const cells = [artist[row], trackId[row], title[row], ...columns.map((column) => cell(column, row))];
    return releaseDate ? [...cells, releaseDate[row]] : cells;
  };
  yield formatCsv([[...listFileColumns(schema), ...(releaseDate ? ['release_date'] : [])]]);
  for (let from = 0; from < count; from += pieceRows) {
    yield formatCsv(Array.from({ length: Math.min(pieceRows, count - from) }, (_, i) => toCells(from + i)));
  }
}

/** The same as one text, for small tables. */
export function formatTracks(tracks: Omit<Tracks, 'source'>): string {
  return [...formatTracksInPieces(tracks)].join('');
}
