import { quoteValue } from '../quoteValue.ts';
import { describeRule, isMissing, readDate, readNumber } from '../tracks/cells.ts';
import { createSong, known, missing, numericColumns, type Song, sentinel } from '../tracks/song.ts';
import { createTextWriter, type Text } from '../tracks/text.ts';
import type { Header } from './header.ts';
import { parseDecimal } from './parseDecimal.ts';
import { type RawRow, readCell } from './parseRows.ts';
import type { Fault } from './rejects.ts';

/** Longest of the words for a missing value. */
const longestWord = 4;
const colon = 58;
const uriPrefix = 'spotify:track:';

/** Whether a cell is an id as it stands: no blank to cut, no word for a missing one, no address. */
function isPlainId(bytes: Uint8Array, start: number, end: number): boolean {
  const isPlain = (byte: number) => byte > 32 && byte < 127;
  if (end - start <= longestWord || !isPlain(bytes[start]) || !isPlain(bytes[end - 1])) return false;
  return end - start <= uriPrefix.length || bytes[start + uriPrefix.length - 1] !== colon;
}

/**
 * Checks a file's rows under the rules of its columns. `check` fills `song`, or gives the row's faults. `file` is its name, for messages.
 *
 * Nearly all cells are plain numbers, read from their bytes; any other goes by its text.
 */
export function createRowChecker(
  file: string,
  { names, positions }: Header,
  requirePopularity: boolean,
): { readonly song: Song; check(row: RawRow): readonly Fault[] } {
  const song = createSong();
  const width = names.length;
  const noFaults: readonly Fault[] = [];
  const position = (name: string) => positions.get(name) ?? -1;
  const cells = numericColumns.map(([name]) => position(name));
  const rules = numericColumns.map(([, rule]) => rule);
  const idCell = position('track_id');
  const artistCell = position('artist_name');
  const titleCell = position('track_name');
  const dateCell = position('release_date');
  const idWriter = createTextWriter();
  let faults: Fault[] = [];

  function blame(row: RawRow, column: string, rule: string, value: string, found = quoteValue(value)): void {
    faults.push({ column, rule, value, message: `${file}:${row.number}: ${column} ${rule}, got ${found}` });
  }

  function set(column: number, value: number, state: number): void {
    song.values[column] = value;
    song.states[column] = state;
  }

  function checkText(row: RawRow, column: number): void {
    const [name, rule] = numericColumns[column];
    const text = readCell(row, cells[column]);
    const cell = readNumber(text, rule);
    if (cell.kind === 'bad') blame(row, name, cell.rule, text);
    else if (cell.kind === 'value') set(column, cell.value, known);
    else if (cell.kind === 'sentinel') set(column, 0, sentinel);
    else if (name === 'popularity' && requirePopularity) blame(row, name, describeRule(rule), text);
    else set(column, 0, missing);
  }

  function checkNumber(row: RawRow, column: number): void {
    const cell = cells[column];
    // A column that the file lacks has empty cells.
    const value = cell < 0 ? Number.NaN : parseDecimal(row.bytes, row.starts[cell], row.ends[cell]);
    const { minimum, maximum, exclusiveMinimum, integer, sentinel: unknown } = rules[column];
    const isPlain = value >= minimum && value <= maximum && value !== unknown;
    if (!isPlain || (exclusiveMinimum && value === minimum) || (integer && !Number.isInteger(value)))
      checkText(row, column);
    else set(column, value, known);
  }

  function take(text: Text, { bytes, starts, ends }: RawRow, cell: number): void {
    text.bytes = bytes;
    text.start = cell < 0 ? 0 : starts[cell];
    text.end = cell < 0 ? 0 : ends[cell];
  }

  function takeId(row: RawRow): void {
    take(song.trackId, row, idCell);
    const { bytes, start, end } = song.trackId;
    if (start === end || isPlainId(bytes, start, end)) return;
    const id = readCell(row, idCell);
    idWriter.write(song.trackId, isMissing(id) ? '' : id.trim().replace(/^spotify:track:/, ''));
  }

  function check(row: RawRow): readonly Fault[] {
    if (faults.length > 0) faults = [];
    if (row.width !== width) {
      blame(row, '(row)', `must have ${width} cells`, String(row.width), String(row.width));
      return faults;
    }
    for (let column = 0; column < cells.length; column++) checkNumber(row, column);
    if (dateCell >= 0) {
      const text = readCell(row, dateCell);
      const date = readDate(text);
      if (date === null) blame(row, names[dateCell], 'must be YYYY, YYYY-MM or YYYY-MM-DD', text);
      song.releaseDate = date ?? '';
    }
    if (faults.length > 0) return faults;
    song.fileRow = row.number;
    takeId(row);
    take(song.artist, row, artistCell);
    take(song.title, row, titleCell);
    return noFaults;
  }

  return { song, check };
}
