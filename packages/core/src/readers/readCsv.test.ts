import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, readContents as read, type Song } from '../../testing/madeCsv.ts';
import { DataError } from '../errors.ts';
import { featureNames, seedColumns } from '../tracks/schema.ts';
import type { ReadOptions } from './readCsv.ts';
import { formatRejects } from './rejects.ts';

const songs = (count: number) => Array.from({ length: count }, (_, i) => makeSong(i));

/** The message of the DataError that reading must end in. */
async function failure(contents: string | Uint8Array, options?: ReadOptions): Promise<string> {
  const error = await read(contents, options).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return error.message;
}

/** The faults of a file with one song, changed. */
async function faults(changes: Song): Promise<string[]> {
  const { rejects } = await read(makeCsv([makeSong(1), makeSong(2, changes)]));
  return rejects.flatMap((reject) => reject.faults.map(({ message }) => message));
}

describe('a good file', () => {
  test('is read whole, with its hash', async () => {
    const text = makeCsv(songs(30));
    const { tracks, rejects, quality } = await read(text);
    expect(tracks.count).toBe(30);
    expect(rejects).toEqual([]);
    expect(tracks.source).toEqual({
      name: 'tracks.csv',
      synthetic: false,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(tracks.artist[7]).toBe('Artist 7');
    expect(tracks.features.instrumentalness.values[7]).toBe(3.18e-5);
    expect(tracks.features.key.values[7]).toBe(7);
    expect(tracks.popularity.values[7]).toBe(7);
    expect([...tracks.fileRow.slice(0, 3)]).toEqual([2, 3, 4]);
    expect(tracks.releaseDate).toBeUndefined();
    expect(quality.notes).toEqual([]);
  });

  test.each([
    ['\r\n', ''],
    ['\r', ''],
    ['\n', '\ufeff'],
  ])('may end lines in %j and begin with %j', async (lineEnd, mark) => {
    const { tracks } = await read(mark + makeCsv(songs(25), seedColumns, lineEnd));
    expect(tracks.count).toBe(25);
    expect(tracks.artist[0]).toBe('Artist 0');
    expect(tracks.popularity.values[24]).toBe(24);
  });

  test('may have its columns in any order, unnamed and further ones among them', async () => {
    const columns = ['', ...[...seedColumns].reverse(), 'genre', 'explicit'];
    const { tracks, quality } = await read(makeCsv(songs(3), columns));
    expect(tracks.title).toEqual(['Title 0', 'Title 1', 'Title 2']);
    expect(tracks.features.loudness.values[2]).toBe(-8.305);
    expect(quality.ignoredColumns).toEqual(['genre', 'explicit']);
  });

  test('may have blank lines and line breaks in titles; rows are counted as a spreadsheet counts them', async () => {
    const text = makeCsv([makeSong(1, { track_name: 'two\nlines, "quoted"' }), makeSong(2)]);
    const { tracks, rejects } = await read(`${text}\n\n${makeCsv([makeSong(3, { popularity: 187 })]).split('\n')[1]}`);
    expect(tracks.title[0]).toBe('two\nlines, "quoted"');
    expect([...tracks.fileRow]).toEqual([2, 3]);
    expect(rejects[0].faults[0].message).toBe('tracks.csv:6: popularity must be between 0 and 100, got "187"');
  });

  test('keeps titles that are code or formulas as they are', async () => {
    const titles = ['<script>alert(1)</script>', '=HYPERLINK("x")', '../../etc/passwd', '\u202egnp.exe', '🎵', ' '];
    const { tracks } = await read(makeCsv(titles.map((title, i) => makeSong(i, { track_name: title }))));
    expect(tracks.title).toEqual(titles);
  });

  test('may lack names and ids, which the quality notes', async () => {
    const { tracks, quality } = await read(makeCsv(songs(3), [...featureNames, 'popularity']));
    expect(tracks.trackId).toEqual(['', '', '']);
    expect(quality.repeats).toBe(0);
    expect(quality.notes.join()).toMatch(/repeats of a recording cannot be recognised/);
  });

  test('may lack popularity where it is to be predicted', async () => {
    const columns = seedColumns.filter((name) => name !== 'popularity');
    const { tracks } = await read(makeCsv(songs(2), columns), { requirePopularity: false });
    expect([...tracks.popularity.missing]).toEqual([1, 1]);
  });
});

describe('missing values', () => {
  test.each(['', 'NaN', 'nan', 'null', 'NA', 'None', 'n/a', '  '])('%j is one', async (text) => {
    const { tracks, rejects } = await read(makeCsv([makeSong(1, { energy: text }), makeSong(2)]));
    expect(rejects).toEqual([]);
    expect([...tracks.features.energy.missing]).toEqual([1, 0]);
  });

  test("so are Spotify's sentinels, which are counted", async () => {
    const { tracks, quality } = await read(
      makeCsv([makeSong(1, { key: -1, tempo: 0, time_signature: 0 }), makeSong(2)]),
    );
    for (const name of ['key', 'tempo', 'time_signature'] as const) {
      expect([...tracks.features[name].missing]).toEqual([1, 0]);
      expect(quality.columns[name]).toMatchObject({ missing: 1, sentinels: 1 });
    }
    expect(quality.columns.energy).toMatchObject({ missing: 0, sentinels: 0, median: 0.663 });
  });

  test('a missing popularity is a fault only where popularity is required', async () => {
    expect(await faults({ popularity: '' })).toEqual(['tracks.csv:3: popularity must be between 0 and 100, got ""']);
    const { tracks } = await read(makeCsv([makeSong(1, { popularity: '' })]), { requirePopularity: false });
    expect(tracks.popularity.missing[0]).toBe(1);
  });
});

describe('release dates', () => {
  test.each([
    ['release_date', '1999', '1999'],
    ['release_date', '1999-05', '1999-05'],
    ['release_date', '1999-05-17', '1999-05-17'],
    ['release_date', '0000', ''],
    ['release_date', '', ''],
    ['year', '1999', '1999'],
    ['released_year', '1999', '1999'],
    ['year', '1999.0', '1999'],
    ['year', '0', ''],
  ])('from %s: %j is %j', async (column, text, date) => {
    const { tracks } = await read(makeCsv([makeSong(1, { [column]: text })], [...seedColumns, column]));
    expect(tracks.releaseDate).toEqual([date]);
  });

  test('that are none set the row aside', async () => {
    const { rejects } = await read(
      makeCsv([makeSong(1, { year: '1999' }), makeSong(2, { year: 'May 1999' })], [...seedColumns, 'year']),
    );
    expect(rejects[0].faults[0].message).toBe('tracks.csv:3: year must be YYYY, YYYY-MM or YYYY-MM-DD, got "May 1999"');
  });
});

describe('a bad cell', () => {
  test.each([
    [{ popularity: 187 }, 'popularity must be between 0 and 100, got "187"'],
    [{ popularity: -1 }, 'popularity must be between 0 and 100, got "-1"'],
    [{ key: 12 }, 'key must be a whole number between -1 and 11, got "12"'],
    [{ key: 5.5 }, 'key must be a whole number between -1 and 11, got "5.5"'],
    [{ duration_ms: 0 }, 'duration_ms must be above 0, got "0"'],
    [{ tempo: -3 }, 'tempo must be at least 0, got "-3"'],
    [{ tempo: '1e999' }, 'tempo must be a number below 1e308, got "1e999"'],
    [{ loudness: '0x10' }, 'loudness must be a decimal number, got "0x10"'],
    [{ loudness: '-8,305' }, 'loudness must be a decimal number, got "-8,305"'],
    [{ loudness: 'Infinity' }, 'loudness must be a decimal number, got "Infinity"'],
    [{ energy: '1 2' }, 'energy must be a decimal number, got "1 2"'],
    [{ energy: '0.5\u001b[2J\n' }, 'energy must be a decimal number, got "0.5\\u{1b}[2J\\n"'],
    [{ valence: '"' }, 'valence must be a decimal number, got "\\""'],
    [{ valence: 'x'.repeat(50_000) }, `valence must be a decimal number, got "${'x'.repeat(40)}…"`],
  ])('%j is named', async (changes, message) => {
    expect(await faults(changes as Song)).toEqual([`tracks.csv:3: ${message}`]);
  });

  test('does not hide the others of its row', async () => {
    expect(await faults({ energy: 2, tempo: 'fast', popularity: 101 })).toHaveLength(3);
  });

  test('stops the reading when strict', async () => {
    const text = makeCsv([makeSong(1), makeSong(2, { mode: 7 }), makeSong(3, { mode: 8 })]);
    expect(await failure(text, { strict: true })).toBe(
      'tracks.csv:3: mode must be a whole number between 0 and 1, got "7"',
    );
  });

  test('of any row and column is reported there', async () => {
    const columns = [...featureNames, 'popularity'];
    const bad = (column: string) =>
      fc.constantFrom(
        ...['abc', '1,5', '0x1F', '1e', '--1', 'Infinity', '-1e300', '1.5.2', '½'],
        ...(featureNames.includes(column) && column !== 'duration_ms' && column !== 'tempo' ? ['1e6'] : ['-7']),
      );
    const cells = fc
      .integer({ min: 0, max: 11 })
      .chain((row) =>
        fc.constantFrom(...columns).chain((column) => bad(column).map((value) => ({ row, column, value }))),
      );
    await fc.assert(
      fc.asyncProperty(cells, async ({ row, column, value }) => {
        const table = songs(12).map((song, i) => (i === row ? { ...song, [column]: value } : song));
        const { tracks, rejects } = await read(makeCsv(table));
        expect(tracks.count).toBe(11);
        expect(rejects).toHaveLength(1);
        expect(rejects[0]).toMatchObject({ row: row + 2, faults: [{ column, value }] });
        expect(rejects[0].faults[0].message.startsWith(`tracks.csv:${row + 2}: ${column} must be `)).toBe(true);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('a row of another width', () => {
  test('is set aside', async () => {
    const text = makeCsv(songs(3)).replace('Title 1,', 'Title, 1,');
    const { tracks, rejects } = await read(text);
    expect(tracks.count).toBe(2);
    expect(rejects[0].faults[0].message).toBe('tracks.csv:3: (row) must have 17 cells, got 18');
    const [header, line] = formatRejects(rejects).split('\n');
    expect(header.split(',')).toEqual(['row', 'column', 'rule', 'value', ...seedColumns, 'further_cells']);
    expect(line.split(',')).toHaveLength(header.split(',').length);
    expect(line.startsWith('3,(row),must have 17 cells,18,Artist 1,id1,Title,')).toBe(true);
  });

  test('at the end, cut off within a quote, is set aside', async () => {
    const { tracks, rejects } = await read(`${makeCsv(songs(3))}Artist 9,id9,"Title`);
    expect(tracks.count).toBe(3);
    expect(rejects[0]).toMatchObject({ row: 5, cells: ['Artist 9,id9,"Title'] });
  });
});

describe('a file that is no table of songs', () => {
  const good = makeCsv(songs(25));
  test.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /^tracks\.csv: must have a header and rows, got an empty file$/],
    ['a mark alone', '\ufeff', /got an empty file$/],
    ['newlines', '\n\r\n\n', /got only blank lines$/],
    ['a header', good.split('\n')[0], /must have rows, got a header only$/],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${good}`, 'utf16le'), /must be UTF-8, got UTF-16/],
    ['UTF-16 without', Buffer.from(good, 'utf16le'), /got a zero byte \(a binary file, or UTF-16\)/],
    ['Latin-1', Buffer.from(good.replace('Title 3', 'Titre né'), 'latin1'), /must be UTF-8, got bytes in another/],
    ['a spreadsheet', Buffer.from('PK\u0003\u0004rest'), /got a spreadsheet or zip archive/],
    ['Parquet', 'PAR1rest', /got a Parquet file/],
    ['a quote that swallows rows', good.replace('Title 3', '"Title 3'), /^tracks\.csv:5: must close every quote/],
    ['a column twice', good.replace('key', 'mode'), /^tracks\.csv:1: must name each column once, got "mode" twice$/],
    [
      'another name',
      good.replace('popularity', 'popularity_score'),
      /must have a column of popularity, got none; rename popularity from "popularity_score"\?$/,
    ],
    ['prose', 'It was a dark and stormy night.\nThe end.\n', /must have columns of audio features, got none named/],
    ['a long line', `${good}${'x'.repeat(1_000_001)}`, /^tracks\.csv:27: must have lines of at most 1,000,000 bytes/],
    [
      'a long cell',
      good.replace('Title 3', `"${'x\n'.repeat(600_000)}"`),
      /^tracks\.csv:5: a row must be at most 1,000,000 characters/,
    ],
    [
      'no good row',
      makeCsv(songs(5).map((song) => ({ ...song, mode: 7 }))),
      /got 5 bad ones; most often: mode must be a whole number between 0 and 1 \(5 rows\), got "7"$/,
    ],
  ])('%s', async (_, contents, message) => {
    expect(await failure(contents)).toMatch(message);
  });

  test('names every column that could be there, where there is none of them', async () => {
    const message = await failure(makeCsv(songs(2), ['track_name', 'artist_name']));
    for (const name of [...featureNames, 'popularity']) expect(message).toContain(name);
  });
});
