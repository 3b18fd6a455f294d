import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readContents } from '../../testing/madeCsv.ts';
import { spotifySchema } from '../tracks/schema.ts';
import { generateTwin } from '../tracks/twin.ts';
import { formatTracks } from '../tracks/writeCsv.ts';
import { type Dialect, describeDialect, findDialect, toDecimalPoint } from './dialect.ts';

const twin = generateTwin({ rows: 40, seed: 3 });
const [header, ...rows] = formatTracks(twin)
  .trimEnd()
  .split(/\r?\n/)
  .map((line) => line.split(','));
const isNumber = (cell: string) => /^-?\d/.test(cell);

/** The twin's table in another dialect; names in it need no quotes but where the separator is in them. */
function write({ separator, decimalComma }: Dialect, lineEnd = '\n', quoted = false): string {
  const cells = (row: readonly string[]) =>
    row.map((cell) => {
      const number = decimalComma && isNumber(cell) ? cell.replace('.', ',') : cell;
      return quoted || number.includes(separator) ? `"${number}"` : number;
    });
  return [header, ...rows].map((row) => cells(row).join(separator) + lineEnd).join('');
}

const dialects: Dialect[] = [',', ';', '\t', '|'].flatMap((separator) =>
  (separator === ',' ? [false] : [false, true]).map((decimalComma) => ({ separator, decimalComma }) as Dialect),
);

test('the same table in any dialect gives the same songs, to the bit', async () => {
  const { tracks: expected } = await readContents(write({ separator: ',', decimalComma: false }));
  const draw = fc.record({
    dialect: fc.constantFrom(...dialects),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    quoted: fc.boolean(),
    mark: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(draw, async ({ dialect, lineEnd, quoted, mark }) => {
      const read = await readContents(`${mark ? '\ufeff' : ''}${write(dialect, lineEnd, quoted)}`);
      expect(read.dialect).toEqual(dialect);
      const { source: _, ...tracks } = read.tracks;
      const { source: __, ...wanted } = expected;
      expect(tracks).toEqual(wanted);
      expect(read.rejects).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

describe('a decimal comma', () => {
  const find = (text: string) => findDialect(new TextEncoder().encode(text), spotifySchema);

  test.each<[string, Dialect]>([
    ['tempo;duration_ms\n96,35;1412\n', { separator: ';', decimalComma: true }],
    ['tempo;duration_ms\n0,123;1412\n', { separator: ';', decimalComma: true }],
    // Thousands, as far as anybody can say.
    ['tempo;duration_ms\n96;130,033\n', { separator: ';', decimalComma: false }],
    ['tempo;duration_ms\n96.35;130,033\n', { separator: ';', decimalComma: false }],
    ['tempo;duration_ms\n1.096,35;130.033\n', { separator: ';', decimalComma: true }],
    ['tempo\tduration_ms\n', { separator: '\t', decimalComma: false }],
    ['"tempo"|"duration_ms"\n"96,35"|"1"\n', { separator: '|', decimalComma: true }],
    ['a;b;c\n1,5;2;3\n', { separator: ',', decimalComma: false }],
    ['', { separator: ',', decimalComma: false }],
    // Titles say nothing of numbers.
    ['track_name;tempo\n3.14;96,35\n', { separator: ';', decimalComma: true }],
    ['track_name;tempo\n1,5;96\n', { separator: ';', decimalComma: false }],
  ])('is found by the numbers: %j', (text, dialect) => {
    expect(find(text)).toEqual(dialect);
  });

  test.each([
    ['-10,346', '-10.346'],
    [' 0,00025 ', '0.00025'],
    ['1.234.567,5', '1234567.5'],
    ['130.033', '130033'],
    ['5', '5'],
    ['1,5e-3', '1.5e-3'],
    ['1,2,3', '1,2,3'],
    ['12.34', '12.34'],
    ['n/a', 'n/a'],
  ])('%j is %j', (text, point) => {
    expect(toDecimalPoint(text)).toBe(point);
  });
});

test('what is not as usual is said', () => {
  expect(describeDialect({ separator: ',', decimalComma: false })).toBeNull();
  expect(describeDialect({ separator: ';', decimalComma: true })).toBe(
    'Cells are separated by semicolons; numbers have a decimal comma.',
  );
});

test('a row that breaks a rule is shown as it stands in the file', async () => {
  const text = write({ separator: ';', decimalComma: true });
  const { rejects, tracks } = await readContents(text.replace(/;(0,\d+)/, ';1,5,3'));
  expect(tracks.count).toBe(39);
  expect(rejects[0].faults[0].message).toContain('got "1,5,3"');
});
