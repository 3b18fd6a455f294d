import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomStream } from '@hitscan/mamba';

/** What somebody's editor, script or disk may leave where a value was. */
const replacements: readonly unknown[] = [
  null,
  {},
  [],
  '',
  'text',
  '\u001b[31m\u202e',
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  [1, 2, 3],
  [null],
  { length: 5 },
  '9'.repeat(5000),
];

export function pick<T>(values: readonly T[], random: RandomStream): T {
  return values[random.below(values.length)];
}

/** Every place in a document, by its path. */
function listPlaces(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  // Of a long list some: its first elements and its last are like all others.
  const looked = keys.length > 40 ? [...keys.slice(0, 20), ...keys.slice(-20)] : keys;
  return [path, ...looked.flatMap((key) => listPlaces((value as never)[key], [...path, key]))];
}

interface Damaged {
  readonly document: unknown;
  /** Where it is not as it was. */
  readonly place: string;
}

/** Puts something else in one place of a document, or takes it out. Text that is JSON itself, as in metadata, is changed inside. */
function damageDocument(document: unknown, random: RandomStream): Damaged {
  const copy = structuredClone(document);
  const path = pick(listPlaces(copy), random);
  const damaged = { document: copy, place: path.join('.') };
  if (path.length === 0) return { document: pick(replacements, random), place: 'all' };
  const last = path[path.length - 1];
  const parent = path.slice(0, -1).reduce((at, key) => at[key as never], copy as never) as never as Record<
    string | number,
    unknown
  >;
  const value = parent[last];
  if (typeof value === 'string' && /^[[{]/.test(value) && random.below(4) > 0) {
    try {
      const inside = damageDocument(JSON.parse(value), random);
      parent[last] = JSON.stringify(inside.document);
      return { document: copy, place: `${damaged.place}.${inside.place}` };
    } catch {
      // Brackets, but no JSON.
    }
  }
  if (typeof value === 'number' && random.below(2) === 0) parent[last] = value + pick([1, -1, 1e6, 0.25], random);
  else if (random.below(4) > 0) parent[last] = pick(replacements, random);
  else if (Array.isArray(parent)) parent.splice(last as number, 1);
  else delete parent[last];
  return damaged;
}

interface DamagedFile {
  readonly contents: string | Buffer;
  readonly place: string;
}

function damageJson(bytes: Buffer, random: RandomStream): DamagedFile {
  const { document, place } = damageDocument(JSON.parse(bytes.toString()), random);
  return { contents: JSON.stringify(document), place };
}

function damageSafetensors(bytes: Buffer, random: RandomStream): DamagedFile {
  const length = Number(bytes.readBigUInt64LE(0));
  const { document, place } = damageDocument(JSON.parse(bytes.toString('utf8', 8, 8 + length)), random);
  const text = Buffer.from(JSON.stringify(document));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return { contents: Buffer.concat([size, text, bytes.subarray(8 + length)]), place };
}

function damageBytes(bytes: Buffer, random: RandomStream): Buffer {
  const copy = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      return copy.subarray(0, random.below(copy.length + 1));
    case 1:
      return Buffer.alloc(0);
    case 2:
      return Buffer.from(Array.from({ length: 1 + random.below(200) }, () => random.below(256)));
    default:
      for (let flips = 1 + random.below(8); flips > 0 && copy.length > 0; flips--)
        copy[random.below(copy.length)] ^= 1 << random.below(8);
      return copy;
  }
}

function damageLine(bytes: Buffer, random: RandomStream): DamagedFile {
  const lines = bytes.toString().split('\n');
  const at = random.below(lines.length);
  const place = (inside: string) => ({ contents: lines.join('\n'), place: `line ${at + 1} ${inside}` });
  try {
    const inside = damageDocument(JSON.parse(lines[at]), random);
    lines[at] = JSON.stringify(inside.document);
    return place(inside.place);
  } catch {
    lines[at] = pick(['', 'null', '{}', lines[at].slice(0, 10), 'text'], random);
    return place('all');
  }
}

/** By the end of a file's name: how to change what is in it so that it stays a file of its kind. */
const insides: readonly (readonly [RegExp, (bytes: Buffer, random: RandomStream) => DamagedFile])[] = [
  [/\.json$/, damageJson],
  [/\.safetensors$/, damageSafetensors],
  [/\.(jsonl|journal)$/, damageLine],
];

/** Damages one file of a run's folder, and says which and where. */
export function damageRun(folder: string, random: RandomStream): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(folder, name)).isFile() && /\.(json|jsonl|safetensors|journal|csv)$/.test(name),
  );
  const name = pick(files, random);
  const path = join(folder, name);
  const bytes = readFileSync(path);
  const inside = insides.find(([ending]) => ending.test(name))?.[1];
  // What is hardest to notice comes most often.
  if (inside && random.below(3) > 0) {
    const { contents, place } = inside(bytes, random);
    writeFileSync(path, contents);
    return `${name} ${place}`;
  }
  rmSync(path);
  switch (random.below(4)) {
    case 0:
      return `${name} gone`;
    case 1:
      mkdirSync(path);
      return `${name} a folder`;
    default:
      writeFileSync(path, damageBytes(bytes, random));
      return `${name} bytes`;
  }
}
