import { type Floats, type HostTensor, sizeOf, type Tensor } from './tensor.ts';

/**
 * One block of memory, handed out in order. `release` takes everything back that was handed out since `mark`,
 * all at once, so that a recording's activations cost no bookkeeping.
 */
export interface Arena<Handle extends Tensor = Tensor> {
  /** Zeroed elements, aligned to 64 bytes. */
  allocate(shape: readonly number[], gradient?: Tensor | null): Handle;
  mark(): number;
  release(mark: number): void;
  /** Bytes in use. */
  readonly used: number;
}

const alignment = 64;

function align(address: number): number {
  return Math.ceil(address / alignment) * alignment;
}

function toTensor(shape: readonly number[], address: number, data: Floats, gradient: Tensor | null): HostTensor {
  const elementBytes = data.BYTES_PER_ELEMENT as 4 | 8;
  // Whoever gives a gradient had it of the same arena.
  return {
    shape,
    stride: shape[shape.length - 1],
    address,
    elementBytes,
    data,
    gradient: gradient as HostTensor | null,
  };
}

/**
 * Float32 in a WebAssembly memory from `base` to `limit`, which grows as needed. The memory is shared, so growing
 * detaches no view. Throws: RangeError beyond the limit.
 */
export function createWasmArena(memory: WebAssembly.Memory, base: number, limit: number): Arena<HostTensor> {
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
export function createHostArena(): Arena<HostTensor> {
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

/**
 * Counts what it is asked for and hands out handles on nothing, so that the size of a recording is known before there is any
 * memory for it.
 */
export function createCountingArena(elementBytes: 4 | 8): Arena {
  let top = 0;
  return {
    allocate(shape, gradient = null) {
      const address = top;
      top = align(address + sizeOf(shape) * elementBytes);
      return { shape, stride: shape[shape.length - 1], address, elementBytes, gradient };
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
