import { listNumericColumns, type Schema } from '../tracks/schema.ts';
import { decodeText } from '../tracks/text.ts';
import { matchColumns } from './columnNames.ts';

/** How a table is written as text. */
export interface Dialect {
  readonly separator: Separator;
  /** Whether numbers are written as in `-10,346`, their thousands with dots. Never where commas part cells. */
  readonly decimalComma: boolean;
}

const separators = [',', ';', '\t', '|'] as const;
export type Separator = (typeof separators)[number];

const separatorNames: Readonly<Record<Separator, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};

/** As RFC 4180 has it. */
export const plainDialect: Dialect = { separator: ',', decimalComma: false };

/** Rows of a sample that are looked at. */
const sampledRows = 1000;

/** A number as the dialects with a decimal comma write it: group 2 holds the digits behind the comma. */
const commaNumber = /^[-+]?(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?(?:e[-+]?\d+)?$/i;

/** A number with a point that cannot stand between thousands. */
const pointNumber = /^[-+]?\d*\.(?!\d{3}$)\d+(?:e[-+]?\d+)?$/i;

/** Cells of one line; quotes are only taken off, as a sample needs no more. */
const splitLine = (line: string, separator: string): string[] =>
  line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/s, '$1'));

/** Whether cells of numeric columns have a decimal comma: some do, and none has a decimal point. */
function usesDecimalComma(cells: readonly string[]): boolean {
  let found = false;
  for (const cell of cells) {
    if (pointNumber.test(cell)) return false;
    const fraction = commaNumber.exec(cell)?.[2];
    // Three digits behind a comma may be thousands.
    if (fraction !== undefined && (fraction.length !== 3 || /^[-+]?0,/.test(cell))) found = true;
  }
  return found;
}

/**
 * Finds out how a table is written from its first bytes. Cells are separated by whatever parts the header into the most known
 * names, commas where nothing does; numbers have a decimal comma where the sample has some and no decimal point.
 */
export function findDialect(sample: Uint8Array, schema: Schema): Dialect {
  const lines = decodeText(sample, 0, sample.length)
    .split(/\r\n|[\n\r]/)
    .filter((line) => line.trim() !== '')
    .slice(0, sampledRows + 1);
  const header = lines[0] ?? '';
  const countKnown = (separator: Separator) =>
    header.includes(separator) ? matchColumns(splitLine(header, separator), schema).size : 0;
  const separator = separators.reduce((best, next) => (countKnown(next) > countKnown(best) ? next : best));
  if (separator === ',') return plainDialect;
  // The last line of a sample may be cut off.
  const rows = lines.slice(1, lines.length > 2 ? -1 : undefined).map((line) => splitLine(line, separator));
  const positions = matchColumns(splitLine(header, separator), schema);
  // A title may look like a number of either kind.
  const numeric = listNumericColumns(schema).flatMap(({ name }) => positions.get(name) ?? []);
  const cells = rows.flatMap((row) => numeric.map((position) => row[position] ?? ''));
  return { separator, decimalComma: usesDecimalComma(cells) };
}

/** What is not as in most tables, as a sentence; null where nothing is. */
export function describeDialect({ separator, decimalComma }: Dialect): string | null {
  if (separator === ',') return null;
  return `Cells are separated by ${separatorNames[separator]}${decimalComma ? '; numbers have a decimal comma' : ''}.`;
}

/** A text of a dialect with a decimal comma as the same number with a point; a text that is no such number stays as it is. */
export function toDecimalPoint(text: string): string {
  const trimmed = text.trim();
  return commaNumber.test(trimmed) ? trimmed.replaceAll('.', '').replace(',', '.') : text;
}
