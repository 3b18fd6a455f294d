import type { Fault, RowChecker } from '../tracks/checkRow.ts';
import { listNumericColumns, type Schema } from '../tracks/schema.ts';
import { createTextWriter, type Text } from '../tracks/text.ts';
import { listsArtists } from './columnNames.ts';
import { toDecimalPoint } from './dialect.ts';
import type { Header } from './header.ts';
import { isPlainId, parseDate, parseId, parseNumber } from './parseCell.ts';
import { parseDecimal } from './parseDecimal.ts';
import { type RawRow, readCell } from './parseRows.ts';

const semicolon = 59;

/**
 * Reads a CSV file's rows into a checker, cell by cell, and gives each row's faults. `decimalComma`: whether numbers have one.
 *
 * Nearly all cells are plain numbers, read from their bytes; any other goes by its text.
 */
export function createRowReader(
  { names, positions }: Header,
  schema: Schema,
  checker: RowChecker,
  decimalComma = false,
): (row: RawRow) => readonly Fault[] {
  const width = names.length;
  const position = (name: string) => positions.get(name) ?? -1;
  const cells = listNumericColumns(schema).map(({ name }) => position(name));
  const idCell = position('track_id');
  const artistCell = position('artist_name');
  const titleCell = position('track_name');
  const dateCell = position('release_date');
  const hasArtistList = artistCell >= 0 && listsArtists(names[artistCell]);
  const idWriter = createTextWriter();
  const { trackId, artist, title } = checker.row;

  function readNumber(row: RawRow, column: number): void {
    const cell = cells[column];
    // A column that the file lacks has empty cells.
    const plain = cell >= 0 && !decimalComma;
    const value = plain ? parseDecimal(row.bytes, row.starts[cell], row.ends[cell]) : Number.NaN;
    if (checker.setPlain(column, value)) return;
    const text = readCell(row, cell);
    checker.setNumber(column, parseNumber(decimalComma ? toDecimalPoint(text) : text), text);
  }

  function take(text: Text, { bytes, starts, ends }: RawRow, cell: number): void {
    text.bytes = bytes;
    text.start = cell < 0 ? 0 : starts[cell];
    text.end = cell < 0 ? 0 : ends[cell];
  }

  /** Of several artists the first is the main one. */
  function keepFirst(text: Text): void {
    // Not by indexOf, which would search the rest of the buffer for every row.
    for (let at = text.start + 1; at < text.end; at++) if (text.bytes[at] === semicolon) text.end = at;
  }

  function readId(row: RawRow): void {
    take(trackId, row, idCell);
    const { bytes, start, end } = trackId;
    if (start < end && !isPlainId(bytes, start, end)) idWriter.write(trackId, parseId(readCell(row, idCell)));
  }

  return (row) => {
    checker.begin(row.number);
    if (row.width !== width) {
      checker.blame('(row)', `must have ${width} cells`, String(row.width), String(row.width));
      return checker.end();
    }
    for (let column = 0; column < cells.length; column++) readNumber(row, column);
    if (dateCell >= 0) {
      const text = readCell(row, dateCell);
      checker.setDate(parseDate(text), names[dateCell], text);
    }
    readId(row);
    take(artist, row, artistCell);
    if (hasArtistList) keepFirst(artist);
    take(title, row, titleCell);
    return checker.end();
  };
}
