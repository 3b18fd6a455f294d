import { quoteValue } from '../quoteValue.ts';
import { type ColumnRule, listNumericColumns, type Schema } from './schema.ts';
import { createTrackRow, known, missing, sentinel, type TrackRow } from './trackRow.ts';

/**
 * A number under its column's rule: its value; `missing` where there is none, `sentinel` where the column's number for
 * "not known" says so; or the rule that it breaks, as words after the column's name.
 */
export type CheckedNumber =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'missing' | 'sentinel' }
  | { readonly kind: 'bad'; readonly rule: string };

/** What a column may hold, as words after its name: `must be between 0 and 100`. */
function describeRule({ minimum, maximum, exclusiveMinimum, integer }: ColumnRule): string {
  const what = integer ? 'must be a whole number' : 'must be';
  if (exclusiveMinimum) return `${what} above ${minimum}`;
  return maximum >= Number.MAX_SAFE_INTEGER
    ? `${what} at least ${minimum}`
    : `${what} between ${minimum} and ${maximum}`;
}

/** Checks a number under its column's rule. Null is a missing one; NaN is none at all and breaks every rule. */
export function checkNumber(value: number | null, rule: ColumnRule): CheckedNumber {
  if (value === null) return { kind: 'missing' };
  if (Number.isNaN(value)) return { kind: 'bad', rule: 'must be a decimal number' };
  if (!Number.isFinite(value)) return { kind: 'bad', rule: 'must be a number below 1e308' };
  const { minimum, maximum, exclusiveMinimum, integer } = rule;
  const low = exclusiveMinimum ? value <= minimum : value < minimum;
  if (low || value > maximum || (integer && !Number.isInteger(value))) return { kind: 'bad', rule: describeRule(rule) };
  return value === rule.sentinel ? { kind: 'sentinel' } : { kind: 'value', value };
}

const datePattern = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?$/;

/**
 * Checks a release date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; the year 0 is Spotify's "not known". Null breaks the rule; the
 * empty string is a missing date.
 */
export function checkDate(date: string): string | null {
  if (date === '' || (/^0+(?:-00)*$/.test(date) && date.length <= 10)) return '';
  return datePattern.test(date) ? date : null;
}

/** One rule that a row breaks. */
export interface Fault {
  /** The column at fault, or `(row)` where the whole row is. */
  readonly column: string;
  /** Words after the column's name: `must be between 0 and 100`. */
  readonly rule: string;
  /** What was found, as it stands in the file. */
  readonly value: string;
  /** One line: `tracks.csv:812: popularity must be between 0 and 100, got "187"`. */
  readonly message: string;
}

/**
 * Fills rows with typed cells, whatever format they come from, each checked under the schema. A reader calls `begin`, a setter for
 * each cell, and `end`; texts it puts into `row` itself. `found` is a cell as it stands in the file, for messages.
 */
export interface RowChecker {
  /** What was set; it counts where `end` gives no fault. */
  readonly row: TrackRow;
  begin(fileRow: number): void;
  /** Sets a number that is known and keeps its column's rule. Gives false, and sets nothing, for any other: see `setNumber`. */
  setPlain(column: number, value: number): boolean;
  /** Sets a number, or null for a missing one, in a column of `listNumericColumns`. NaN stands for what is no number. */
  setNumber(column: number, value: number | null, found: string): void;
  /** Sets the release date, as the file's column of this name has it. Empty for a missing one. */
  setDate(date: string, column: string, found: string): void;
  /** Notes a fault that the reader sees itself. `shown` is what the message says was found. */
  blame(column: string, rule: string, found: string, shown?: string): void;
  /** The row's faults, none of a good one. */
  end(): readonly Fault[];
}

/** `file` is the file's name, for messages. `requirePopularity` says whether a row without it is at fault. */
export function createRowChecker(file: string, schema: Schema, requirePopularity: boolean): RowChecker {
  const row = createTrackRow(schema);
  const columns = listNumericColumns(schema);
  const popularity = columns.length - 1;
  // All of one shape, which each access is compiled for.
  const limits = columns.map(({ minimum, maximum, exclusiveMinimum, integer, sentinel: unknown }) => ({
    minimum,
    maximum,
    exclusiveMinimum: exclusiveMinimum ?? false,
    integer: integer ?? false,
    sentinel: unknown ?? Number.NaN,
  }));
  const noFaults: readonly Fault[] = [];
  let faults: Fault[] = [];

  function set(column: number, value: number, state: number): void {
    row.values[column] = value;
    row.states[column] = state;
  }

  function blame(column: string, rule: string, found: string, shown = quoteValue(found)): void {
    faults.push({ column, rule, value: found, message: `${file}:${row.fileRow}: ${column} ${rule}, got ${shown}` });
  }

  return {
    row,
    begin(fileRow) {
      if (faults.length > 0) faults = [];
      row.fileRow = fileRow;
      row.releaseDate = '';
    },
    setPlain(column, value) {
      const { minimum, maximum, exclusiveMinimum, integer, sentinel: unknown } = limits[column];
      const isPlain = value >= minimum && value <= maximum && value !== unknown;
      if (!isPlain || (exclusiveMinimum && value === minimum) || (integer && !Number.isInteger(value))) return false;
      set(column, value, known);
      return true;
    },
    setNumber(column, value, found) {
      const rule = columns[column];
      const checked = checkNumber(value, rule);
      if (checked.kind === 'bad') blame(rule.name, checked.rule, found);
      else if (checked.kind === 'value') set(column, checked.value, known);
      else if (checked.kind === 'sentinel') set(column, 0, sentinel);
      else if (column === popularity && requirePopularity) blame(rule.name, describeRule(rule), found);
      else set(column, 0, missing);
    },
    setDate(date, column, found) {
      const checked = checkDate(date);
      if (checked === null) blame(column, 'must be YYYY, YYYY-MM or YYYY-MM-DD', found);
      else row.releaseDate = checked;
    },
    blame,
    end: () => (faults.length > 0 ? faults : noFaults),
  };
}
