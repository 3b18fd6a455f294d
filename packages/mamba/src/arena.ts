import { type Floats, sizeOf, type Tensor } from './tensor.ts';

/**
 * One block of memory, handed out in order. `release` takes everything back that was handed out since `mark`,
 * all at once, so that a recording's activations cost no bookkeeping.
 */
export interface Arena {
  /** Zeroed elements, aligned to 64 bytes. */
  allocate(shape: readonly number[], gradient?: Tensor | null): Tensor;
  mark(): number;
  release(mark: number): void;
  /** Bytes in use. */
  readonly used: number;
}

const alignment = 64;

function align(address: number): number {
  return Math.ceil(address / alignment) * alignment;
}

function toTensor(shape: readonly number[], address: number, data: Floats, gradient: Tensor | null): Tensor {
  return { shape, stride: shape[shape.length - 1], address, data, gradient };
}

/**
 * Float32 in a WebAssembly memory from `base` to `limit`, which grows as needed. The memory is shared, so growing
 * detaches no view. Throws: RangeError beyond the limit.
 */
export function createWasmArena(memory: WebAssembly.Memory, base: number, limit: number): Arena {
  let top = align(base);
  const pageBytes = 65536;
  return {
    allocate(shape, gradient = null) {
      const size = sizeOf(shape);
      const address = top;
      top = align(address + size * 4);
      if (top > limit) throw new RangeError(`memory: ${limit - base} bytes are there, ${top - base} are needed`);
      const missing = top - memory.buffer.byteLength;
      // Growing by at least a quarter keeps the number of calls logarithmic.
      if (missing > 0) {
        const room = limit - memory.buffer.byteLength;
        memory.grow(Math.ceil(Math.max(missing, Math.min(room, memory.buffer.byteLength / 4)) / pageBytes));
      }
      const data = new Float32Array(memory.buffer, address, size);
      data.fill(0);
      return toTensor(shape, address, data, gradient);
    },
    mark: () => top,
    release(mark) {
      top = mark;
    },
    get used() {
      return top - align(base);
    },
  };
}

/** Float64 arrays of the host: for the definitions, where accuracy is all that counts. */
export function createHostArena(): Arena {
  let top = 0;
  return {
    allocate(shape, gradient = null) {
      const size = sizeOf(shape);
      const address = top;
      top = align(address + size * 8);
      return toTensor(shape, address, new Float64Array(size), gradient);
    },
    mark: () => top,
    // Addresses name tensors on a tape, so they are never handed out twice; the arrays are the host's to collect.
    release() {},
    get used() {
      return top;
    },
  };
}

/** Numbers that are not there: what a recording asks of them, which is where they lie and how many they are. */
function imagine(length: number, bytes: number): Floats {
  const numbers = {
    length,
    byteLength: length * bytes,
    BYTES_PER_ELEMENT: bytes,
    subarray: (from = 0, to = length) => imagine(to - from, bytes),
    set() {},
    fill: () => numbers,
  };
  return numbers as unknown as Floats;
}

/**
 * Counts what it is asked for and hands out nothing, so that the size of a recording is known before there is any memory for
 * it. `bytes`: of a number.
 */
export function createCountingArena(bytes: 4 | 8): Arena {
  let top = 0;
  return {
    allocate(shape, gradient = null) {
      const size = sizeOf(shape);
      const address = top;
      top = align(address + size * bytes);
      return toTensor(shape, address, imagine(size, bytes), gradient);
    },
    mark: () => top,
    release(mark) {
      top = mark;
    },
    get used() {
      return top;
    },
  };
}
