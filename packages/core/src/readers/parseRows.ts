import { DataError } from '../errors.ts';
import { decodeText } from '../tracks/text.ts';

/** Longest row, in bytes; longer ones are a wrong format or an attack, never a song. */
export const longestRow = 1_000_000;

/** One row's cells as UTF-8 in the parser's own buffer, without quotes: valid only until the next row. */
export interface RawRow {
  /** 1-based in the file: the header is row 1, blank lines count. */
  number: number;
  /** Cells. */
  width: number;
  bytes: Uint8Array;
  /** By cell; longer than `width`. */
  starts: Uint32Array;
  ends: Uint32Array;
}

export function readCell({ bytes, starts, ends, width }: RawRow, cell: number): string {
  return cell >= 0 && cell < width ? decodeText(bytes, starts[cell], ends[cell]) : '';
}

export function readCells(row: RawRow): string[] {
  return Array.from({ length: row.width }, (_, cell) => readCell(row, cell));
}

/** Takes a file's bytes piece by piece, cut anywhere. */
export interface RowParser {
  push(chunk: Uint8Array): void;
  /** After the last piece. */
  finish(): void;
}

const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;

/** What `scanRow` gives instead of a position. */
const incomplete = -1;
const unclosed = -2;

function grow(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * array.length);
  grown.set(array);
  return grown;
}

/**
 * Calls `visit` for each row that is not blank, header included, in file order. `name` is the file's, for messages; `separator`, one
 * ASCII character, parts cells.
 *
 * Reads RFC 4180 with what real files add to it: `\n`, `\r\n` and `\r` as line ends, and quotes inside unquoted cells; text that
 * follows a closing quote makes the cell an unquoted one, quotes and all. A quote that is opened in the last line and never
 * closed is taken as cut off: its line is visited as one cell.
 * Expects UTF-8 without a byte order mark. Keeps no more than a piece and a row.
 * Throws: DataError for a zero byte, a row above 1 MB, or a quote that is never closed and swallows further lines.
 */
export function createRowParser(name: string, visit: (row: RawRow) => void, separator = ','): RowParser {
  const parting = separator.charCodeAt(0);
  /** Above it no byte ends a cell, but for a separator that stands above it itself. */
  const highest = Math.max(parting, carriageReturn);
  const endsCell = (byte: number): boolean => byte === parting || byte === lineFeed || byte === carriageReturn;

  const row: RawRow = {
    number: 0,
    width: 0,
    bytes: new Uint8Array(1 << 16),
    starts: new Uint32Array(64),
    ends: new Uint32Array(64),
  };
  /** By cell: where its quoted part ends, if quotes are doubled in it; else 0. */
  let doubled = new Uint32Array(64);
  let length = 0;

  /** Finds the cells of the row that starts at a byte. Gives the start of the next row, `incomplete` or `unclosed`. */
  function scanRow(from: number, last: boolean): number {
    const { bytes } = row;
    const end = length;
    let { starts, ends } = row;
    let width = 0;
    let at = from;
    for (;;) {
      if (width === starts.length) {
        row.starts = starts = grow(starts);
        row.ends = ends = grow(ends);
        doubled = grow(doubled);
      }
      let start = at;
      let stop = -1;
      let doubledTo = 0;
      if (at < end && bytes[at] === quote) {
        let hasDoubled = false;
        at++;
        for (;;) {
          while (at < end && bytes[at] !== quote) at++;
          if (at >= end) return last ? unclosed : incomplete;
          if (at + 1 === end && !last) return incomplete;
          if (at + 1 === end || bytes[at + 1] !== quote) break;
          hasDoubled = true;
          at += 2;
        }
        if (hasDoubled) doubledTo = at;
        if (at + 1 === end || endsCell(bytes[at + 1])) {
          start++;
          stop = at;
        }
        at++;
      }
      // A line feed stands behind the last byte, so that no end need be looked for.
      for (let byte = bytes[at]; byte > highest || !endsCell(byte); byte = bytes[at]) at++;
      if (at === end && !last) return incomplete;
      starts[width] = start;
      ends[width] = stop === -1 ? at : stop;
      doubled[width] = doubledTo;
      width++;
      if (at < end && bytes[at] === parting) {
        at++;
        continue;
      }
      row.width = width;
      if (at === end || bytes[at] === lineFeed) return at + 1;
      if (at + 1 === end && !last) return incomplete;
      return bytes[at + 1] === lineFeed ? at + 2 : at + 1;
    }
  }

  /** Takes doubled quotes for one, in place: the text only becomes shorter. */
  function halveQuotes(): void {
    const { bytes, starts, ends } = row;
    for (let cell = 0; cell < row.width; cell++) {
      if (doubled[cell] === 0) continue;
      // A cell that goes on after its quoted part begins with its opening quote.
      let read = ends[cell] > doubled[cell] ? starts[cell] + 1 : starts[cell];
      let write = read;
      for (; read < doubled[cell]; read++) {
        bytes[write++] = bytes[read];
        if (bytes[read] === quote) read++;
      }
      bytes.copyWithin(write, doubled[cell], ends[cell]);
      ends[cell] = write + ends[cell] - doubled[cell];
    }
  }

  function checkLength(from: number, to: number): void {
    if (to - from <= longestRow) return;
    const limit = longestRow.toLocaleString('en');
    const where = `${name}:${row.number + 1}`;
    const line = row.bytes.subarray(from, from + longestRow);
    if (line.includes(lineFeed) || line.includes(carriageReturn))
      throw new DataError(where, `a row must be at most ${limit} characters, got more; is a quote not closed?`);
    throw new DataError(where, `must have lines of at most ${limit} bytes, got a longer one; is it CSV?`);
  }

  function isBlank(): boolean {
    return row.width === 1 && (row.starts[0] === row.ends[0] || readCell(row, 0).trim() === '');
  }

  function visitUnclosed(from: number): void {
    let end = length;
    while (end > from && (row.bytes[end - 1] === lineFeed || row.bytes[end - 1] === carriageReturn)) end--;
    const rest = row.bytes.subarray(from, end);
    if (rest.includes(lineFeed) || rest.includes(carriageReturn)) {
      throw new DataError(
        `${name}:${row.number + 1}`,
        'must close every quote, got one that never ends; close it, or double it inside a cell',
      );
    }
    row.number++;
    row.width = 1;
    row.starts[0] = from;
    row.ends[0] = end;
    visit(row);
  }

  /** Visits the rows that are there; what is left of one stays, to be begun again with the next piece. */
  function parse(last: boolean): void {
    row.bytes[length] = lineFeed;
    let from = 0;
    while (from < length) {
      const next = scanRow(from, last);
      checkLength(from, next < 0 ? length : next - 1);
      if (next === unclosed) {
        visitUnclosed(from);
        from = length;
      }
      if (next < 0) break;
      halveQuotes();
      row.number++;
      if (!isBlank()) visit(row);
      from = next;
    }
    if (from > 0 && from < length) row.bytes.copyWithin(0, from, length);
    length = Math.max(0, length - from);
  }

  function append(chunk: Uint8Array): void {
    if (length + chunk.length >= row.bytes.length) {
      const grown = new Uint8Array(2 * (length + chunk.length));
      grown.set(row.bytes.subarray(0, length));
      row.bytes = grown;
    }
    row.bytes.set(chunk, length);
    length += chunk.length;
  }

  return {
    push(chunk) {
      const zero = chunk.indexOf(0);
      append(zero === -1 ? chunk : chunk.subarray(0, zero));
      parse(false);
      if (zero === -1) return;
      const where = `${name}:${row.number + 1}`;
      throw new DataError(
        where,
        'must be CSV text, got a zero byte (a binary file, or UTF-16); save it as "CSV UTF-8"',
      );
    },
    finish: () => parse(true),
  };
}
