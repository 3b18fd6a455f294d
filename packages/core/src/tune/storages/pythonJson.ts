import type { Json } from '../trial.ts';

// Strings come first in the alternation, so that words inside of them are passed over.
const literal = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
const nanMark = '\u0000NaN';

/**
 * Reads JSON as Python writes it: with `NaN`, `Infinity` and `-Infinity` for numbers that JSON does not have.
 *
 * Throws: SyntaxError.
 */
export function parsePythonJson(text: string): Json {
  // Most texts have none, and both passes over them cost more than the look.
  if (!/NaN|Infinity/.test(text)) return JSON.parse(text);
  const patched = text.replace(literal, (word) => {
    if (word === 'NaN') return JSON.stringify(nanMark);
    // JSON.parse overflows to infinity.
    return word.startsWith('"') ? word : word.replace('Infinity', '1e999');
  });
  return JSON.parse(patched, (_, value) => (value === nanMark ? Number.NaN : value));
}

const separators = { compact: [',', ':'], spaced: [', ', ': '] } as const;

const floatMark = Symbol('float');

/** A number that Python is to read as a float; see asFloat. */
export interface PythonFloat {
  readonly [floatMark]: number;
}

/** Marks a number to be written as Python writes floats: `1.0`, not `1`. */
export function asFloat(value: number): PythonFloat {
  return { [floatMark]: value };
}

/** What formatPythonJson writes: JSON, where numbers may be marked as floats. */
export type PythonValue =
  | Json
  | PythonFloat
  | undefined
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

/**
 * Writes JSON as Python's `json.dumps` does: ASCII alone, `NaN` and `Infinity` as words. `spaced` is Python's default,
 * `compact` what a journal's lines have. Members that are undefined are left out.
 */
export function formatPythonJson(value: PythonValue, style: keyof typeof separators): string {
  const [comma, colon] = separators[style];
  const format = (value: PythonValue): string => {
    if (typeof value === 'string') return formatString(value);
    if (typeof value === 'number') return Number.isFinite(value) ? String(value) : formatFloat(value);
    if (Array.isArray(value)) return `[${value.map(format).join(comma)}]`;
    if (value === null || typeof value !== 'object') return String(value);
    if (floatMark in value) return formatFloat(value[floatMark] as number);
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => formatString(key) + colon + format(member)).join(comma)}}`;
  };
  return format(value);
}

function formatString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
