import { type CheckedNumber, checkNumber } from '../tracks/checkRow.ts';
import type { ColumnRule } from '../tracks/schema.ts';
import { isDecimal } from '../tracks/writeCsv.ts';

/** Longest of the words for a missing value. */
const longestMissingWord = 4;

/** Longest cell that may be such a word, blanks around it included. */
const longestBlank = 400;

const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);

/** Whether a text says that there is no value: empty, `NA`, `N/A`, `NaN`, `null` or `None`, in any case. */
export function isMissing(text: string): boolean {
  return text.length <= longestBlank && missingWords.has(text.trim().toLowerCase());
}

/** A text as a decimal number, blanks around it allowed: null for a missing one, NaN for what is no number, infinite for one too large. */
export function parseNumber(text: string): number | null {
  if (isMissing(text)) return null;
  const trimmed = text.trim();
  return isDecimal(trimmed) ? Number(trimmed) : Number.NaN;
}

/** Reads a number and checks it under its column's rule. */
export function readNumber(text: string, rule: ColumnRule): CheckedNumber {
  return checkNumber(parseNumber(text), rule);
}

/** A text as a release date, empty for a missing one; `1999.0`, as tables with gaps export years, is 1999. */
export function parseDate(text: string): string {
  return isMissing(text) ? '' : text.trim().replace(/^(\d{1,4})\.0$/, '$1');
}

const uriPrefix = 'spotify:track:';
const colon = 58;

/** Whether bytes are a track's id as they stand: no blank to cut, no word for a missing one, no address. */
export function isPlainId(bytes: Uint8Array, start: number, end: number): boolean {
  const isPlain = (byte: number) => byte > 32 && byte < 127;
  if (end - start <= longestMissingWord || !isPlain(bytes[start]) || !isPlain(bytes[end - 1])) return false;
  return end - start <= uriPrefix.length || bytes[start + uriPrefix.length - 1] !== colon;
}

/** A text as a track's id, empty for a missing one; an address of Spotify's is cut to its id. */
export function parseId(text: string): string {
  return isMissing(text) ? '' : text.trim().replace(/^spotify:track:/, '');
}
