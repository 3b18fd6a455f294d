import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../errors.ts';
import { createRowParser, readCells } from './parseRows.ts';

interface Parsed {
  readonly rows: readonly { readonly number: number; readonly cells: readonly string[] }[];
  /** The row at which the parser gave up, and why, in a word. */
  readonly failure: string | null;
}

/** Bytes in pieces that end at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
}

function parseInPieces(text: string, places: readonly number[] = []): Parsed {
  const rows: Parsed['rows'][number][] = [];
  const parser = createRowParser('a.csv', (row) => rows.push({ number: row.number, cells: readCells(row) }));
  try {
    for (const piece of cut(Buffer.from(text), places)) parser.push(piece);
    parser.finish();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { rows, failure: error.message };
  }
  return { rows, failure: null };
}

/** What csv-parse makes of a text, with the rules that `createRowParser` adds. */
function parseByPeer(text: string): Parsed {
  const bytes = Buffer.from(text);
  const rows: Parsed['rows'][number][] = [];
  let row = 0;
  let end = 0;
  try {
    parse(bytes, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      on_record(cells: string[], info) {
        row++;
        end = info.bytes;
        if (cells.length > 1 || cells[0].trim() !== '') rows.push({ number: row, cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError) || error.code !== 'CSV_QUOTE_NOT_CLOSED') throw error;
    const rest = bytes.toString('utf8', end).replace(/[\r\n]+$/, '');
    if (/[\r\n]/.test(rest)) {
      const rule = 'must close every quote, got one that never ends; close it, or double it inside a cell';
      return { rows, failure: `a.csv:${row + 1}: ${rule}` };
    }
    rows.push({ number: row + 1, cells: [rest] });
  }
  return { rows, failure: null };
}

const tokens = ['"', '"', '""', ',', ',', '\n', '\r', '\r\n', ' ', 'a', 'bc', '0.5', 'é', '漢', '🎵', '\t', ';'];
const anyText = fc.array(fc.constantFrom(...tokens), { maxLength: 60 }).map((parts) => parts.join(''));
const places = fc.array(fc.nat(200), { maxLength: 12 });

describe('createRowParser', () => {
  test('reads any text as csv-parse does, wherever it is cut', () => {
    fc.assert(
      fc.property(anyText, places, (text, ends) => {
        expect(parseInPieces(text, ends)).toEqual(parseByPeer(text));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  test('gives back the cells that were written, wherever the bytes are cut', () => {
    const cell = fc.array(fc.constantFrom(...tokens), { maxLength: 8 }).map((parts) => parts.join(''));
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(table, places, fc.constantFrom('\n', '\r\n', '\r'), (rows, ends, lineEnd) => {
        const write = (cells: readonly string[]) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        const parsed = parseInPieces(rows.map((cells) => write(cells) + lineEnd).join(''), ends);
        expect(parsed).toEqual({ rows: rows.map((cells, i) => ({ number: i + 1, cells })), failure: null });
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test.each([
    ['a,"b', [['a,"b']]],
    ['a\n"b""c"d,e', [['a'], ['"b"c"d', 'e']]],
    ['"a"\r\n\r"b"', [['a'], ['b']]],
    ['a,', [['a', '']]],
    ['""', []],
  ])('%j has rows %j', (text, cells) => {
    expect(parseInPieces(text).rows.map((row) => row.cells)).toEqual(cells);
  });

  test('takes rows of any number of cells', () => {
    expect(parseInPieces(`${','.repeat(999)}\nx`).rows.map(({ cells }) => cells.length)).toEqual([1000, 1]);
  });

  test.each([
    [
      `a\nb\n${'x'.repeat(1_000_001)}`,
      'a.csv:3: must have lines of at most 1,000,000 bytes, got a longer one; is it CSV?',
    ],
    [
      `a\n"${'x\n'.repeat(600_000)}`,
      'a.csv:2: a row must be at most 1,000,000 characters, got more; is a quote not closed?',
    ],
  ])('gives up a row above 1 MB, however little of it comes at a time', (text, failure) => {
    const every = Array.from({ length: 20 }, (_, i) => 70_000 * i);
    expect(parseInPieces(text, every).failure).toBe(failure);
    expect(parseInPieces(text).failure).toBe(failure);
  });

  test('takes a row of 1 MB', () => {
    expect(parseInPieces(`a\n${'x'.repeat(1_000_000)}\nb`, [500_000, 900_000]).rows).toHaveLength(3);
  });

  test('names the row of a zero byte, after those before it', () => {
    const { rows, failure } = parseInPieces('a\nb\nc\0d\ne');
    expect(rows.map(({ cells }) => cells)).toEqual([['a'], ['b']]);
    expect(failure).toMatch(/^a\.csv:3: must be CSV text, got a zero byte/);
  });
});
