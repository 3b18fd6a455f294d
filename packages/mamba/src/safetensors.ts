import { FormatError } from './errors.ts';
import { type Floats, sizeOf } from './tensor.ts';

/**
 * The safetensors format: a 64-bit little-endian header length, a JSON header, then the tensors' bytes, C order,
 * little-endian, without holes or overlaps. Specification: the format section of the safetensors project's README.
 */

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  // Their bits, as Node and browsers without half-precision arrays can hold them.
  BOOL: Uint8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
} as const;

export type SafetensorsType = keyof typeof arrays;
export type SafetensorsData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface StoredTensor {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  readonly data: SafetensorsData;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The reference implementation's limit. */
const maximumHeaderBytes = 100_000_000;
const lengthBytes = 8;

function fail(rule: string): never {
  throw new FormatError('safetensors', rule);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** For messages: a name on one line, whatever it is made of. */
const quote = (name: string): string => JSON.stringify(name);

/** A key that some object in a JSON text has twice, which JSON.parse lets pass; null where there is none. */
function findRepeatedKey(json: string): string | null {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set());
    else if (json[i] === '}') open.pop();
    else if (json[i] === '"') {
      const from = i++;
      for (; json[i] !== '"'; i++) if (json[i] === '\\') i++;
      let next = i + 1;
      while (' \t\n\r'.includes(json.charAt(next)) && next < json.length) next++;
      if (json[next] !== ':') continue;
      const key: string = JSON.parse(json.slice(from, i + 1));
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < lengthBytes) fail(`a file has at least ${lengthBytes} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > maximumHeaderBytes) fail(`the header has at most ${maximumHeaderBytes} bytes, got ${length}`);
  const dataStart = lengthBytes + length;
  if (dataStart > bytes.length) fail(`the header of ${length} bytes ends beyond the file's ${bytes.length}`);
  let text: string;
  try {
    // A copy, as text decoders refuse shared memory.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice(lengthBytes, dataStart));
  } catch {
    return fail('the header must be UTF-8');
  }
  if (!text.startsWith('{')) fail('the header must begin with {');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    fail('the header must be JSON');
  }
  if (!isRecord(header)) fail('the header must be a JSON object');
  const repeated = findRepeatedKey(text);
  if (repeated !== null) fail(`the header must have each key once, ${quote(repeated)} comes twice`);
  return { header, dataStart };
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) fail('__metadata__ must map strings to strings');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') fail(`__metadata__ must map strings to strings, ${quote(key)} does not`);
  }
  return value as Record<string, string>;
}

interface Entry {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: number[];
  readonly from: number;
  readonly to: number;
}

function parseEntry(name: string, value: unknown): Entry {
  const label = quote(name);
  if (!isRecord(value)) fail(`${label} must be an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') fail(`${label} must have a dtype`);
  if (!Object.hasOwn(arrays, dtype)) fail(`${label} has the unknown dtype ${quote(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) fail(`${label} must have a shape of whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    fail(`${label} must have two data_offsets`);
  }
  const [from, to] = offsets as [number, number];
  const type = dtype as SafetensorsType;
  const expected = sizeOf(shape) * arrays[type].BYTES_PER_ELEMENT;
  if (to - from !== expected) fail(`${label} must have ${expected} bytes for its shape, got ${to - from}`);
  return { name, dtype: type, shape, from, to };
}

/**
 * Reads a safetensors file; the tensors are copies, so the bytes may go. F16, BF16 and BOOL come as their bits.
 * Throws: FormatError, one line, for whatever breaks the format; never reads outside the bytes given.
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  // As a plain array: Node's Buffer overrides `slice` to share memory instead of copying.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const { header, dataStart } = parseHeader(bytes);
  const { __metadata__, ...rest } = header;
  const metadata = parseMetadata(__metadata__);
  const entries = Object.entries(rest).map(([name, value]) => parseEntry(name, value));
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  const tensors = new Map<string, StoredTensor>();
  let end = 0;
  for (const { name, dtype, shape, from, to } of entries) {
    if (from !== end) fail(`${quote(name)} must begin at ${end} where the tensor before it ends, got ${from}`);
    end = to;
    if (dataStart + to > bytes.length) fail(`${quote(name)} ends beyond the file`);
    const copy = bytes.slice(dataStart + from, dataStart + to);
    tensors.set(name, { dtype, shape, data: new arrays[dtype](copy.buffer, 0, sizeOf(shape)) });
  }
  if (dataStart + end !== bytes.length) fail(`the tensors end at ${dataStart + end}, the file at ${bytes.length}`);
  return { tensors, metadata };
}

/** The dtype under which an array is stored when none is named. */
function typeOf(data: TensorToStore['data']): SafetensorsType {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Uint32Array) return 'U32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof BigUint64Array) return 'U64';
  if (data instanceof Int16Array) return 'I16';
  if (data instanceof Uint16Array) return 'U16';
  return data instanceof Int8Array ? 'I8' : 'U8';
}

export interface TensorToStore {
  readonly dtype?: SafetensorsType;
  readonly shape: readonly number[];
  /** May lie in shared memory. */
  readonly data: SafetensorsData | Floats;
}

/**
 * Writes a safetensors file. Same contents, same bytes: tensors lie in the order of the map, wider types first so that
 * each is aligned. Throws: FormatError where data, shape and dtype disagree.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorToStore>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  // Without a prototype, so that "__proto__" is a name like any other.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { dtype: named, shape, data }] of ordered) {
    if (name === '__metadata__' || !shape.every(isCount) || sizeOf(shape) !== data.length) {
      fail(`cannot store ${quote(name)} of shape (${shape})`);
    }
    const dtype = named ?? typeOf(data);
    if (!(data instanceof arrays[dtype])) fail(`cannot store ${quote(name)} as ${dtype}`);
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces so that the data begins at a multiple of eight, as the reference implementation does.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(json, lengthBytes);
  let at = lengthBytes + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
