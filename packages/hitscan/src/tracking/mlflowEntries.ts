import { createHash } from 'node:crypto';

/** One figure at one moment. */
export interface MetricPoint {
  readonly name: string;
  /** NaN and both infinities are figures too. */
  readonly value: number;
  /** A whole number. */
  readonly step: number;
  readonly time: Date;
}

/** One thing that is logged, as MLflow's REST takes it; `kind` is the list that it goes in. */
export type Entry =
  | {
      readonly kind: 'metrics';
      readonly item: {
        readonly key: string;
        readonly value: number | string;
        readonly timestamp: number;
        readonly step: number;
      };
    }
  | { readonly kind: 'params' | 'tags'; readonly item: { readonly key: string; readonly value: string } };

/** The limits of `runs/log-batch`: of one list, of all three together, and of the body. */
const most = { metrics: 1000, params: 100, tags: 100 } as const;
const mostEntries = 1000;
/** The limit is 1 MB; the run's id and the braces need some of it. */
const mostBytes = 900_000;

const longestKey = 250;
const longestTag = 5000;

/** Of a parameter's value: in MLflow from 2.8, from 1.28, and before. */
export const paramLimits = [6000, 500, 250] as const;

/** Hexadecimal digits of the hash behind a name that could not stay as it was. */
const hashDigits = 16;
const changedName = new RegExp(`-[0-9a-f]{${hashDigits}}$`);

/** Every part of the name's path as MLflow takes it, which must not resolve to another path. */
const plainName = /^(?!\.\.)(?:(?!\.{1,2}(?:\/|$))[\w.\- ]+)(?:\/(?!\.{1,2}(?:\/|$))[\w.\- ]+)*$/;

/**
 * A name as MLflow takes it for a metric, a parameter or a tag: letters, digits and `_ . - / space`, a path that resolves to
 * itself, at most 250 characters. Any other name gets `_` where it breaks a rule, and a hash of what it was behind it, so that
 * two names never become one and a name always becomes the same.
 */
export function toKey(name: string): string {
  const stays = name.length <= longestKey && plainName.test(name) && name === name.trim() && !changedName.test(name);
  if (stays) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashDigits);
  const parts = name
    .trimStart()
    .split('/')
    .map((part) => part.replace(/[^\w.\- ]/g, '_').replace(/^\.+|^$/, '_'));
  return `${parts
    .join('/')
    .trimStart()
    .slice(0, longestKey - hashDigits - 1)}-${hash}`;
}

/** As much of a text as there is room for; databases take neither NUL nor half a character. */
export function cutText(text: string, longest: number): string {
  const plain = text.replaceAll('\0', '\ufffd');
  return (plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`).toWellFormed();
}

/** A setting as text: as it is written in JSON, a text as it is. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

export function toParam(name: string, value: unknown): Entry {
  const text = typeof value === 'number' ? String(value) : toText(value);
  return { kind: 'params', item: { key: toKey(name), value: cutText(text, paramLimits[0]) } };
}

function toTag(name: string, value: unknown): Entry {
  return { kind: 'tags', item: { key: toKey(name), value: cutText(toText(value), longestTag) } };
}

/** All tags that have a value. */
export function toTags(tags: Readonly<Record<string, unknown>>): Entry[] {
  return Object.entries(tags).flatMap(([name, value]) => (value === undefined ? [] : [toTag(name, value)]));
}

/** An entry, with no longer a value than the server takes if it is a parameter. */
export function shortenParam(entry: Entry, longest: number): Entry {
  if (entry.kind !== 'params' || entry.item.value.length <= longest) return entry;
  return { kind: 'params', item: { key: entry.item.key, value: cutText(entry.item.value, longest) } };
}

/** JSON has no NaN and no infinity: MLflow reads their names, as Protocol Buffers do. */
export function toMetric({ name, value, step, time }: MetricPoint): Entry {
  const timestamp = Math.max(0, time.getTime());
  return {
    kind: 'metrics',
    item: { key: toKey(name), value: Number.isFinite(value) ? value : String(value), timestamp, step },
  };
}

/** The body's lists. */
export function groupEntries(entries: readonly Entry[]): Record<Entry['kind'], Entry['item'][]> {
  const lists: Record<Entry['kind'], Entry['item'][]> = { metrics: [], params: [], tags: [] };
  for (const { kind, item } of entries) lists[kind].push(item);
  return lists;
}

/** Cuts entries, in their order, into batches that a server takes at a time. */
export function cutBatches(entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  let batch: Entry[] = [];
  let counts = { metrics: 0, params: 0, tags: 0 };
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry.item)) + 1;
    const full = counts[entry.kind] === most[entry.kind] || batch.length === mostEntries || bytes + size > mostBytes;
    if (batch.length === 0 || full) {
      batch = [];
      batches.push(batch);
      counts = { metrics: 0, params: 0, tags: 0 };
      bytes = 0;
    }
    batch.push(entry);
    counts[entry.kind]++;
    bytes += size;
  }
  return batches;
}
