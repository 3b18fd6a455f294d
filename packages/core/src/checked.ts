import type { z } from 'zod';
import { DataError } from './errors.ts';
import { quoteValue } from './quoteValue.ts';

type Issue = z.core.$ZodIssue;

/** Kinds of values as messages name them. */
const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

/** Longest list of choices in a message. */
const mostChoices = 20;

function describeValue(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return quoteValue(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function describeBound(origin: string, range: string, bound: number | bigint): string {
  if (origin === 'string') return `must have ${range} ${bound} characters`;
  return origin === 'array' ? `must hold ${range} ${bound}` : `must be ${range} ${bound}`;
}

/** A broken rule in words, beginning with `must` where the schema does not say it in words of its own. */
function describeRule(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const values = issue.values.map((value) => (typeof value === 'string' ? quoteValue(value) : String(value)));
      return values.length === 1
        ? `must be ${values[0]}`
        : `must be one of ${values.slice(0, mostChoices).join(', ')}${values.length > mostChoices ? ' …' : ''}`;
    }
    case 'too_small':
      return describeBound(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'above',
        issue.minimum,
      );
    case 'too_big':
      return describeBound(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'below',
        issue.maximum,
      );
    case 'invalid_format':
      return issue.format === 'regex' ? `must match ${issue.pattern}` : `must be ${issue.format}`;
    case 'unrecognized_keys':
      return `has no ${issue.keys.map(quoteValue).join(', ')}`;
    default:
      return issue.message;
  }
}

/** The issue that lies deepest: of a union, that of the kind which the value is most like. */
function deepest(issue: Issue, path: readonly PropertyKey[] = []): { issue: Issue; path: readonly PropertyKey[] } {
  const here = { issue, path: [...path, ...issue.path] };
  if (issue.code !== 'invalid_union') return here;
  const inner = issue.errors.flatMap(([first]) => (first ? [deepest(first, here.path)] : []));
  return inner.reduce((best, each) => (each.path.length > best.path.length ? each : best), inner[0] ?? here);
}

/** `layers`, `models[2].name`; as a program would write it. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** What a value breaks of a schema. */
export interface SchemaFault {
  /** The place in the value; empty for the whole. */
  readonly field: string;
  readonly rule: string;
  readonly found: string;
}

/** The first rule of a schema that a value breaks; null where it breaks none. */
export function findFault(value: unknown, schema: z.ZodType): SchemaFault | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return null;
  const { issue, path } = deepest(parsed.error.issues[0] as Issue);
  let found = value;
  for (const key of path) found = (found as Record<PropertyKey, unknown> | undefined)?.[key];
  return { field: formatPath(path), rule: describeRule(issue), found: describeValue(found) };
}

/**
 * A value that was read from a file, under its schema, and as it was read: written again it is the same.
 * Throws: DataError naming the file, the field, the rule and what was found; `remedy` says what to do.
 */
export function checkRead<T>(file: string, value: unknown, schema: z.ZodType<T>, remedy: string): T {
  const fault = findFault(value, schema);
  if (!fault) return value as T;
  const { field, rule, found } = fault;
  throw new DataError(field === '' ? file : `${file} ${field}`, `${rule}, got ${found}; ${remedy}`);
}

/** The same of JSON text. `migrate` gives what an older version wrote the form that the schema has. */
export function checkJson<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
  remedy: string,
  migrate = (value: unknown): unknown => value,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DataError(file, `must be JSON, got ${quoteValue(text)}; ${remedy}`);
  }
  return checkRead(file, migrate(value), schema, remedy);
}
