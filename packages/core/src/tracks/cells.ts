import type { ColumnRule } from './schema.ts';

/**
 * A cell's value; `missing` where it says that it has none, `sentinel` where it does so by Spotify's number for it;
 * or the rule that it breaks, as words after the column's name.
 */
export type Cell =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'missing' | 'sentinel' }
  | { readonly kind: 'bad'; readonly rule: string };

const missing: Cell = { kind: 'missing' };
const sentinel: Cell = { kind: 'sentinel' };
const missingWords = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);

/** Decimal or scientific; no hexadecimal, no thousands separators, no decimal comma, no infinity. */
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Longest number that is looked at; a double needs at most 24 characters, exports pad with zeros. */
const longestNumber = 400;

/** Whether a cell says that it has no value: empty, `NA`, `N/A`, `NaN`, `null` or `None`, in any case. */
export function isMissing(text: string): boolean {
  return text.length <= longestNumber && missingWords.has(text.trim().toLowerCase());
}

/** Whether a text is a plain decimal number, and so no formula. */
export function isDecimal(text: string): boolean {
  return text.length <= longestNumber && decimalPattern.test(text);
}

/** What a column may hold, as words after its name: `must be between 0 and 100`. */
export function describeRule({ minimum, maximum, exclusiveMinimum, integer }: ColumnRule): string {
  const what = integer ? 'must be a whole number' : 'must be';
  if (exclusiveMinimum) return `${what} above ${minimum}`;
  return maximum >= Number.MAX_SAFE_INTEGER
    ? `${what} at least ${minimum}`
    : `${what} between ${minimum} and ${maximum}`;
}

/** Reads a number under its column's rule. Blanks around it are allowed. */
export function readNumber(text: string, rule: ColumnRule): Cell {
  if (isMissing(text)) return missing;
  const trimmed = text.trim();
  if (!isDecimal(trimmed)) return { kind: 'bad', rule: 'must be a decimal number' };
  const value = Number(trimmed);
  if (!Number.isFinite(value)) return { kind: 'bad', rule: 'must be a number below 1e308' };
  const { minimum, maximum, exclusiveMinimum, integer } = rule;
  const low = exclusiveMinimum ? value <= minimum : value < minimum;
  if (low || value > maximum || (integer && !Number.isInteger(value))) return { kind: 'bad', rule: describeRule(rule) };
  return value === rule.sentinel ? sentinel : { kind: 'value', value };
}

const datePattern = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;

/**
 * Reads a release date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `1999.0`, as tables with gaps export years, is 1999, and
 * the year 0 is Spotify's "not known". Null breaks the rule; the empty string is a missing date.
 */
export function readDate(text: string): string | null {
  if (isMissing(text)) return '';
  const date = text.trim().replace(/^(\d{1,4})\.0$/, '$1');
  if (/^0+(?:-00)*$/.test(date) && date.length <= 10) return '';
  return datePattern.test(date) ? date : null;
}
