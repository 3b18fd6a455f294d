import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from './errors.ts';
import { randomStream } from './random.ts';
import { readSafetensors, type SafetensorsType, type TensorToStore, writeSafetensors } from './safetensors.ts';

const elementBytes: Readonly<Record<SafetensorsType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};
const dtypes = Object.keys(elementBytes) as SafetensorsType[];

/** A file of a header and data, whether they fit together or not. */
function fileOf(header: string | Uint8Array, dataBytes = 0, headerLength: bigint | null = null): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

/** A tensor of the given type whose bytes are drawn, made by reading a file written by hand. */
function tensorOf(dtype: SafetensorsType, shape: readonly number[], byte: (i: number) => number): TensorToStore {
  const size = shape.reduce((product, length) => product * length, elementBytes[dtype]);
  const json = JSON.stringify({ x: { dtype, shape, data_offsets: [0, size] } });
  const file = fileOf(json, size);
  for (let i = 0; i < size; i++) file[8 + json.length + i] = byte(i);
  const tensor = readSafetensors(file).tensors.get('x');
  if (!tensor) throw new Error('the file has a tensor named x');
  return tensor;
}

const bytesOf = ({ data }: TensorToStore): number[] =>
  Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '10', '', '"\\\n', 'Ströme 🎵', '\ud800', 'a/b.c'),
);
const texts = fc.string({ unit: 'binary', maxLength: 30 });
const storedTensors = fc.uniqueArray(
  fc.record({
    name: names.filter((name) => name !== '__metadata__'),
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(3), { maxLength: 3 }),
    salt: fc.nat(255),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe('writing and reading back', () => {
  test('any names, types, shapes and metadata', () => {
    const metadataOf = fc.uniqueArray(fc.tuple(names, texts), { selector: ([name]) => name, maxLength: 4 });
    const occurred = new Set<string>();
    fc.assert(
      fc.property(storedTensors, metadataOf, (specs, pairs) => {
        const tensors = new Map(
          specs.map(({ name, dtype, shape, salt }) => [name, tensorOf(dtype, shape, (i) => (i * 37 + salt) & 255)]),
        );
        const metadata = Object.fromEntries(pairs);
        const file = writeSafetensors(tensors, metadata);
        const read = readSafetensors(file);
        expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        for (const [name, tensor] of tensors) {
          const found = read.tensors.get(name);
          expect(found?.dtype).toBe(tensor.dtype);
          expect(found?.shape).toEqual(tensor.shape);
          expect(found && bytesOf(found)).toEqual(bytesOf(tensor));
          occurred
            .add(`${tensor.dtype}`)
            .add(tensor.shape.length === 0 ? 'rank 0' : '')
            .add(tensor.data.length === 0 ? 'empty' : '');
        }
        // Same contents, same bytes, also after a round trip.
        expect(writeSafetensors(tensors, metadata)).toEqual(file);
      }),
      { numRuns: 300, seed: 1 },
    );
    for (const kind of [...dtypes, 'rank 0', 'empty']) expect(occurred, kind).toContain(kind);
  });

  test('a round trip of a file gives the same bytes', () => {
    const file = writeSafetensors(
      new Map<string, TensorToStore>([
        ['b', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
        ['a', { shape: [2], data: Float32Array.of(1, 2) }],
      ]),
      { note: 'x' },
    );
    const { tensors, metadata } = readSafetensors(file);
    expect(writeSafetensors(tensors, metadata)).toEqual(file);
  });

  test('every tensor begins at a multiple of its element’s size', () => {
    fc.assert(
      fc.property(storedTensors, (specs) => {
        const tensors = new Map(specs.map(({ name, dtype, shape }) => [name, tensorOf(dtype, shape, () => 1)]));
        const file = writeSafetensors(tensors);
        const dataStart = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
        expect(dataStart % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(file.subarray(8, dataStart)));
        for (const [name, tensor] of tensors) {
          const { data_offsets: offsets } = header[name];
          expect((dataStart + offsets[0]) % elementBytes[tensor.dtype as SafetensorsType]).toBe(0);
        }
      }),
      { seed: 1 },
    );
  });

  test('a file inside a larger buffer, and a view inside a larger array', () => {
    const all = Float32Array.of(9, 1, 2, 9);
    const file = writeSafetensors(new Map([['x', { shape: [2], data: all.subarray(1, 3) }]]));
    const larger = new Uint8Array(file.length + 7);
    larger.fill(0xff);
    larger.set(file, 3);
    const read = readSafetensors(Buffer.from(larger.buffer, 3, file.length));
    expect(read.tensors.get('x')?.data).toEqual(Float32Array.of(1, 2));
    // A copy: what happens to the file later does not show.
    larger.fill(0);
    expect(read.tensors.get('x')?.data).toEqual(Float32Array.of(1, 2));
  });

  test.each<[string, TensorToStore]>([
    ['x', { shape: [3], data: Float32Array.of(1, 2) }],
    ['x', { shape: [-1, -2], data: Float32Array.of(1, 2) }],
    ['x', { shape: [0.5, 4], data: Float32Array.of(1, 2) }],
    ['x', { shape: [2], dtype: 'F64', data: Float32Array.of(1, 2) }],
    ['x', { shape: [2], dtype: 'I32', data: Float32Array.of(1, 2) }],
    ['__metadata__', { shape: [2], data: Float32Array.of(1, 2) }],
  ])('what would not be read back is refused: %s %o', (name, tensor) => {
    expect(() => writeSafetensors(new Map([[name, tensor]]))).toThrow(FormatError);
  });
});

const entry = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });
const one = (dtype: unknown, shape: unknown, offsets: unknown): string => `{"x":${entry(dtype, shape, offsets)}}`;
const good = entry('F32', [2], [0, 8]);

describe('what breaks the format is refused in one line', () => {
  test.each<[string, Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['seven bytes', new Uint8Array(7)],
    ['a header longer than the file', fileOf('{}', 0, 3n)],
    ['a header beyond the limit', fileOf('{}', 0, 100_000_001n)],
    ['a header beyond what numbers hold', fileOf('{}', 0, 2n ** 64n - 1n)],
    ['a header of no bytes', fileOf('')],
    ['no JSON', fileOf('{"x":')],
    ['two JSON values', fileOf('{}{}')],
    ['a bare NaN', fileOf('{"x":NaN}')],
    ['an array', fileOf('[]')],
    ['a number', fileOf('1')],
    ['spaces first', fileOf(' {}')],
    ['a byte order mark', fileOf('\ufeff{}')],
    ['no UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ['a tensor that is no object', fileOf('{"x":1}')],
    ['a tensor that is null', fileOf('{"x":null}')],
    ['a tensor that is an array', fileOf('{"x":[]}')],
    ['no dtype', fileOf('{"x":{"shape":[2],"data_offsets":[0,8]}}', 8)],
    ['an unknown dtype', fileOf(one('F31', [2], [0, 8]), 8)],
    ['a dtype on two lines', fileOf(one('F\n32', [2], [0, 8]), 8)],
    ['a dtype in small letters', fileOf(one('f32', [2], [0, 8]), 8)],
    ['a dtype every object has', fileOf(one('toString', [2], [0, 8]), 8)],
    ['a dtype that cannot be text', fileOf(one({ toString: null, valueOf: null }, [2], [0, 8]), 8)],
    ['no shape', fileOf('{"x":{"dtype":"F32","data_offsets":[0,8]}}', 8)],
    ['a shape that is a number', fileOf(one('F32', 2, [0, 8]), 8)],
    ['a negative shape', fileOf(one('F32', [-1, -2], [0, 8]), 8)],
    ['half a row', fileOf(one('F32', [0.5, 4], [0, 8]), 8)],
    ['a shape of text', fileOf(one('F32', ['2'], [0, 8]), 8)],
    ['a shape beyond whole numbers', fileOf(one('F32', [2 ** 53], [0, 8]), 8)],
    ['a shape whose size overflows', fileOf(one('F32', [2 ** 40, 2 ** 40, 2 ** 40], [0, 0]))],
    ['a shape of nothing whose size overflows', fileOf(one('F32', [...new Array(30).fill(2 ** 52), 0], [0, 0]))],
    ['lists without end', fileOf(`{"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)],
    ['no offsets', fileOf('{"x":{"dtype":"F32","shape":[2]}}', 8)],
    ['one offset', fileOf(one('F32', [2], [0]), 8)],
    ['three offsets', fileOf(one('F32', [2], [0, 8, 8]), 8)],
    ['negative offsets', fileOf(one('F32', [2], [-8, 0]), 8)],
    ['fractional offsets', fileOf(one('F32', [2], [0.5, 8.5]), 8)],
    ['offsets the wrong way round', fileOf(one('F32', [2], [8, 0]), 8)],
    ['too few bytes for the shape', fileOf(one('F32', [2], [0, 4]), 4)],
    ['too many bytes for the shape', fileOf(one('F32', [2], [0, 12]), 12)],
    ['a hole before the first tensor', fileOf(one('F32', [2], [4, 12]), 12)],
    ['a hole between tensors', fileOf(`{"x":${good},"y":${entry('F32', [1], [12, 16])}}`, 16)],
    ['overlapping tensors', fileOf(`{"x":${good},"y":${entry('F32', [2], [4, 12])}}`, 12)],
    ['two tensors in one place', fileOf(`{"x":${good},"y":${good}}`, 8)],
    ['an empty tensor inside another', fileOf(`{"x":${good},"y":${entry('F32', [0], [4, 4])}}`, 8)],
    ['truncated data', fileOf(`{"x":${good}}`, 7)],
    ['no data', fileOf(`{"x":${good}}`)],
    ['trailing bytes', fileOf(`{"x":${good}}`, 9)],
    ['data without a tensor', fileOf('{}', 1)],
    ['metadata that is text', fileOf('{"__metadata__":"x"}')],
    ['metadata that is null', fileOf('{"__metadata__":null}')],
    ['metadata of numbers', fileOf('{"__metadata__":{"x":1}}')],
    ['metadata of objects, its key on two lines', fileOf('{"__metadata__":{"x\\ny":{}}}')],
    ['a name twice', fileOf(`{"x":${good},"x":${good}}`, 8)],
    ['a name twice, spelled differently', fileOf(`{"x":${good},"\\u0078" : ${good}}`, 8)],
    ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}')],
    ['a metadata key twice', fileOf('{"__metadata__":{"a":"1","a":"2"}}')],
    ['a dtype twice', fileOf('{"x":{"dtype":"F64","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8)],
    ['__proto__ as a tensor of the wrong size', fileOf(`{"__proto__":${entry('F32', [3], [0, 8])}}`, 8)],
    ['a bad tensor whose name has two lines', fileOf(`{"x\\ny":${entry('F32', [3], [0, 8])}}`, 8)],
  ])('%s', (_, file) => {
    let found: unknown = null;
    try {
      readSafetensors(file);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(FormatError);
    expect((found as FormatError).message).toMatch(/^safetensors: .+$/);
  });

  test('what only looks like a repeated key is read', () => {
    const text = '{"a":"{\\"a\\":1,\\"a\\":2}","b":"a","c":"\\\\"}';
    const { metadata, tensors } = readSafetensors(fileOf(`{"__metadata__":${text}, "a" : ${good}\n}  `, 8));
    expect(metadata).toEqual({ a: '{"a":1,"a":2}', b: 'a', c: '\\' });
    expect([...tensors.keys()]).toEqual(['a']);
  });

  test('10,000 mutations of a valid file: read, or a FormatError', () => {
    const file = writeSafetensors(
      new Map<string, TensorToStore>([
        ['layer.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ['steps', { shape: [], data: BigInt64Array.of(7n) }],
        ['empty', { shape: [0, 4], data: new Uint8Array(0) }],
        ['half', { shape: [3], dtype: 'BF16', data: Uint16Array.of(1, 2, 3) }],
      ]),
      { position: '{"step":3}', kind: 'a\n"b"' },
    );
    const headerEnd = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '9', 'e', '.', ' ', '\0', '\xff'];
    const random = randomStream(1, 'mutations');
    let [read, refused] = [0, 0];
    for (let round = 0; round < 10_000; round++) {
      let mutated = Array.from(file);
      for (let changes = 1 + random.below(3); changes > 0; changes--) {
        // Nine in ten within the header, where there is something to break.
        const at = random.below(random.below(10) > 0 ? Math.min(headerEnd, mutated.length) : mutated.length);
        const kind = random.below(5);
        if (kind === 0) mutated[at] = random.below(256);
        else if (kind === 1) mutated[at] = pieces[random.below(pieces.length)].charCodeAt(0);
        else if (kind === 2) mutated.splice(at, 1 + random.below(8));
        else if (kind === 3) mutated.splice(at, 0, ...mutated.slice(at, at + random.below(40)));
        else mutated = mutated.slice(0, at + 1);
      }
      // Half of them with a header length that fits again, so that the JSON is reached.
      const bytes = Uint8Array.from(mutated);
      const dataBytes = file.length - headerEnd;
      if (round % 2 === 0 && bytes.length > 8 + dataBytes) {
        new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8 - dataBytes), true);
      }
      try {
        readSafetensors(bytes);
        read++;
      } catch (error) {
        refused++;
        if (!(error instanceof FormatError)) throw error;
        expect(error.message).not.toContain('\n');
      }
    }
    // Both must occur, or the mutations test nothing.
    expect(Math.min(read, refused)).toBeGreaterThan(200);
  });
});
