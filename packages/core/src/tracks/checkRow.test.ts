import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong, readContents, type Song } from '../../testing/madeCsv.ts';
import { checkDate, checkNumber, createRowChecker } from './checkRow.ts';
import { collectTracks } from './collectTracks.ts';
import { type ColumnRule, listNumericColumns, spotifySchema } from './schema.ts';
import { createTextWriter } from './text.ts';

const tempo: ColumnRule = { kind: 'numeric', minimum: 0, maximum: Number.MAX_VALUE, sentinel: 0, unit: '' };

test.each([
  [tempo, 120.5, { kind: 'value', value: 120.5 }],
  [tempo, 0, { kind: 'sentinel' }],
  [tempo, null, { kind: 'missing' }],
  [tempo, -1, { kind: 'bad', rule: 'must be at least 0' }],
  [tempo, Number.NaN, { kind: 'bad', rule: 'must be a decimal number' }],
  [tempo, Number.POSITIVE_INFINITY, { kind: 'bad', rule: 'must be a number below 1e308' }],
  [{ ...tempo, exclusiveMinimum: true }, 0, { kind: 'bad', rule: 'must be above 0' }],
  [{ ...tempo, maximum: 9, integer: true }, 1.5, { kind: 'bad', rule: 'must be a whole number between 0 and 9' }],
] as const)('under the rule %j, %s is %j', (rule, value, expected) => {
  expect(checkNumber(value, rule)).toEqual(expected);
});

test.each([
  ['1999', '1999'],
  ['1999-05-17', '1999-05-17'],
  ['0', ''],
  ['', ''],
  ['1999-13', null],
  ['99', null],
])('the date %j is %j', (date, expected) => {
  expect(checkDate(date)).toBe(expected);
});

/** Reads songs that are typed already, as a reader of JSON or Parquet does: no text is parsed. */
function readTyped(songs: readonly Song[]) {
  const checker = createRowChecker('typed.json', spotifySchema, true);
  const collector = collectTracks(spotifySchema, true);
  const writers = [createTextWriter(), createTextWriter(), createTextWriter()];
  const faults: string[] = [];
  songs.forEach((song, i) => {
    checker.begin(i + 2);
    listNumericColumns(spotifySchema).forEach(({ name }, column) => {
      const value = song[name] as number | null;
      if (value === null || !checker.setPlain(column, value)) checker.setNumber(column, value, String(value));
    });
    checker.setDate(String(song.release_date), 'release_date', String(song.release_date));
    const { trackId, artist, title } = checker.row;
    writers[0].write(trackId, String(song.track_id));
    writers[1].write(artist, String(song.artist_name));
    writers[2].write(title, String(song.track_name));
    const found = checker.end();
    if (found.length === 0) collector.add(checker.row);
    faults.push(...found.map(({ message }) => message));
  });
  return { tracks: collector.finish({ name: 'typed.json', sha256: '' }), faults };
}

describe('a row of typed cells', () => {
  const columns = [...Object.keys(makeSong(0)), 'release_date'];

  test('makes the same table as the same row as text, with the same faults', async () => {
    const number = fc.constantFrom(null, -1, 0, 0.5, 1, 3, 4.5, 12, 100, 101, -60.5, 1e300);
    const changes = fc.record({
      energy: number,
      key: number,
      tempo: number,
      duration_ms: number,
      popularity: number,
      loudness: number,
      artist_name: fc.string({ unit: 'grapheme', maxLength: 80 }),
      release_date: fc.constantFrom('', '1999', '1999-05', '0000', 'May'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { maxLength: 8 }), async (drawn) => {
        const songs = [makeSong(0, { release_date: '2001' }), ...drawn.map((change, i) => makeSong(i + 1, change))];
        const typed = readTyped(songs);
        const { tracks, rejects } = await readContents(makeCsv(songs, columns));
        expect({ ...typed.tracks, source: null }).toEqual({ ...tracks, source: null });
        const messages = rejects.flatMap(({ faults }) => faults.map(({ message }) => message));
        // A missing number is an empty cell in the one and null in the other.
        const named = messages.map((message) => message.replace('tracks.csv', 'typed.json').replace('""', '"null"'));
        expect(typed.faults).toEqual(named);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('is not kept from one row to the next', () => {
    const { tracks } = readTyped([
      makeSong(1, { release_date: '1999' }),
      makeSong(2, { energy: 7, release_date: '2000' }),
      makeSong(3, { release_date: '' }),
    ]);
    expect(tracks.releaseDate).toEqual(['1999', '']);
    expect([...tracks.fileRow]).toEqual([2, 4]);
  });
});
