import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, readContents } from '../../testing/madeCsv.ts';
import { csvCell, formatCsv, formatTracks } from './writeCsv.ts';

describe('csvCell', () => {
  test.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+2', "'=1+2"],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['+41 79', "'+41 79"],
    ['@here', "'@here"],
    ['-', "'-"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['-8.305', '-8.305'],
    ['', ''],
    [-8.305, '-8.305'],
    [3.18e-5, '0.0000318'],
    [1e-9, '1e-9'],
    [Number.NaN, ''],
    [null, ''],
  ])('%j becomes %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });
});

test('rows end in line feeds', () => {
  expect(
    formatCsv([
      ['a', 'b'],
      [1, null],
    ]),
  ).toBe('a,b\n1,\n');
});

describe('a table written', () => {
  // Text as songs have it and worse; formulas get their apostrophe, so they do not come back as they were.
  const unit = fc.constantFrom(...'aZ0é漢🎵', ',', '"', '\n', '\r', "'", ' ', '\t', ';', '=', '\u202e', '<', '\ufeff');
  const nasty = fc.string({ unit, maxLength: 12 }).filter((text) => !/^[=+\-@\t\r]/.test(text));

  test('reads back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 8 }), async (titles) => {
        const songs = titles.map((title, i) =>
          makeSong(i, { track_name: title, artist_name: title, energy: i % 2 ? '' : 0.5, release_date: '1999-05' }),
        );
        const { tracks } = await readContents(makeCsv(songs, [...Object.keys(songs[0])]));
        expect(tracks.title).toEqual(titles);
        const again = (await readContents(formatTracks(tracks))).tracks;
        expect({ ...again, source: null, fileRow: null }).toEqual({ ...tracks, source: null, fileRow: null });
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
