import { FormatError, SettingError } from '../errors.ts';

/** The fields of a config.json. */
export type ConfigFields = Readonly<Record<string, unknown>>;

/** A text, a number, or one of the infinities that Python writes and JSON has not. */
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?Infinity|-?\d[\d.eE+-]*/g;

function isRecord(value: unknown): value is ConfigFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string, spell: (number: string) => string): ConfigFields {
  let settings: unknown;
  try {
    // A literal that every parser of float64 overflows on, JSON's and Python's.
    const valid = text.replace(textOrNumber, (found) =>
      found[0] === '"' ? found : spell(found.replace('Infinity', '1e999')),
    );
    settings = JSON.parse(valid);
  } catch {
    throw new FormatError('config.json', 'must be JSON');
  }
  if (!isRecord(settings)) throw new FormatError('config.json', 'must be a JSON object');
  return settings;
}

/** Reads a config.json, Python's infinities included. Throws: FormatError. */
export const parseSettings = (text: string): ConfigFields => parse(text, (number) => number);

/** Before a number that is kept as text; stands in no text of a config.json. */
const mark = '\u0000';
const markedNumber = /"\\u0000([\d.eE+-]+)"/g;

/**
 * The same, for formatSettings to write again: numbers keep their spelling, as transformers takes 1 for no float where
 * 1.0 stood. Throws: FormatError.
 */
export const parseVerbatim = (text: string): ConfigFields =>
  parse(text, (number) => (String(Number(number)) === number ? number : JSON.stringify(mark + number)));

/** Writes a config.json, fields by name, as transformers does. */
export function formatSettings(settings: ConfigFields): string {
  const sorted = Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify(sorted, null, 2).replace(markedNumber, '$1')}\n`;
}

/** For messages and comparisons: a value on one line. */
const show = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (part === Number.POSITIVE_INFINITY ? 'Infinity' : part));

/** A whole number from 1, or `ifAbsent` where the field is not there. Throws: SettingError. */
export function readCount(settings: ConfigFields, name: string, ifAbsent: number): number {
  const value = Object.hasOwn(settings, name) ? settings[name] : ifAbsent;
  if (!(Number.isSafeInteger(value) && (value as number) > 0)) {
    throw new SettingError(`config.json ${name}`, 'be a whole number from 1', show(value));
  }
  return value as number;
}

/** Whether a field is set, or `ifAbsent`. Throws: SettingError. */
export function readFlag(settings: ConfigFields, name: string, ifAbsent: boolean): boolean {
  const value = Object.hasOwn(settings, name) ? settings[name] : ifAbsent;
  if (typeof value !== 'boolean') throw new SettingError(`config.json ${name}`, 'be true or false', show(value));
  return value;
}

/** An object's fields, none where it is not there. Throws: SettingError. */
export function readGroup(settings: ConfigFields, name: string): ConfigFields {
  const value = Object.hasOwn(settings, name) ? settings[name] : {};
  if (!isRecord(value)) throw new SettingError(`config.json ${name}`, 'be an object', show(value));
  return value;
}

/** Where the field is there, it has one of the values that are supported. Throws: SettingError. */
export function expectSetting(settings: ConfigFields, name: string, supported: readonly unknown[]): void {
  if (!Object.hasOwn(settings, name)) return;
  const found = show(settings[name]);
  const accepted = supported.map((value) => show(value));
  if (!accepted.includes(found)) throw new SettingError(`config.json ${name}`, `be ${accepted.join(' or ')}`, found);
}

/** The limits of step sizes that limit nothing; transformers writes infinity as an object, as JSON has none. */
export const unlimited: readonly unknown[] = [
  [0, Number.POSITIVE_INFINITY],
  [0, { __float__: 'Infinity' }],
];

/** No field beside the known ones. Throws: SettingError. */
export function expectKnown(settings: ConfigFields, known: readonly string[]): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!known.includes(name))
      throw new SettingError(`config.json ${name}`, 'be absent, as nothing here reads it', show(value));
  }
}
