import { ShapeError } from './errors.ts';

export type Floats = Float32Array | Float64Array;

/**
 * A handle on numbers in a backend's memory: row-major, the last dimension contiguous. What reads or writes them is the
 * backend's: its kernels, and its `write`, `read` and `copy`.
 *
 * `stride` is the distance, in elements, from one row of the last dimension to the next; it exceeds the last
 * dimension only in a view on some of another tensor's columns, which is how splits cost nothing.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly stride: number;
  /** Byte address in the backend's memory; two tensors with one address start at the same element. */
  readonly address: number;
  readonly elementBytes: 4 | 8;
  /** Where the derivative of the loss by this tensor is put; null where none is wanted. */
  readonly gradient: Tensor | null;
}

/** A tensor of a backend whose memory is the host's own, and so may be looked into at once. */
export interface HostTensor extends Tensor {
  /** Begins at the tensor's first element and ends with its last row. */
  readonly data: Floats;
  readonly gradient: HostTensor | null;
}

/** A place for a derivative, and whether something is already there to be added to. */
export interface Gradient extends Tensor {
  readonly accumulate: boolean;
}

export interface HostGradient extends HostTensor {
  readonly accumulate: boolean;
}

/** The same operands with every tensor in the host's memory. */
export type OnHost<T> = T extends Gradient
  ? HostGradient
  : T extends Tensor
    ? HostTensor
    : T extends string | number | null | ArrayLike<number>
      ? T
      : { [Name in keyof T]: OnHost<T[Name]> };

/** Kernels as plain loops over the host's memory. */
export type Definition<Kernels> = {
  [Name in keyof Kernels]: Kernels[Name] extends (...operands: infer Operands) => infer Result
    ? (...operands: { [Place in keyof Operands]: OnHost<Operands[Place]> }) => Result
    : never;
};

/** Product of all dimensions but the last. */
export function rowsOf(tensor: Tensor): number {
  let rows = 1;
  for (let i = 0; i < tensor.shape.length - 1; i++) rows *= tensor.shape[i];
  return rows;
}

/** The last dimension. */
export function columnsOf(tensor: Tensor): number {
  return tensor.shape[tensor.shape.length - 1];
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** Elements from a tensor's first to its last, those between the columns of a view included. */
export function spanOf(tensor: Tensor): number {
  return (rowsOf(tensor) - 1) * tensor.stride + columnsOf(tensor);
}

/** An array for a tensor's numbers, rounded as its backend rounds them. */
export function createValues({ shape, elementBytes }: Tensor): Floats {
  return elementBytes === 4 ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
}

/** An array as a tensor that no memory has: for definitions alone, which ask for no address. */
export function holdOnHost(data: Floats, shape: readonly number[]): HostTensor {
  const elementBytes = data.BYTES_PER_ELEMENT as 4 | 8;
  return { shape, stride: shape[shape.length - 1], address: 0, elementBytes, data, gradient: null };
}

/**
 * Elements of the same memory, `offset` elements on. Written out in the order in which arenas write tensors, and never spread: to
 * the engine all are then of one hidden class, and kernels' bindings stay monomorphic.
 */
function place<Handle extends Tensor>(
  tensor: Handle,
  offset: number,
  shape: readonly number[],
  stride: number,
  gradient: Tensor | null,
): Handle {
  const { elementBytes } = tensor;
  const address = tensor.address + offset * elementBytes;
  const { data } = tensor as Partial<HostTensor>;
  if (!data) return { shape, stride, address, elementBytes, gradient } as Tensor as Handle;
  const end = offset + (sizeOf(shape) / shape[shape.length - 1] - 1) * stride + shape[shape.length - 1];
  const part = { shape, stride, address, elementBytes, data: data.subarray(offset, end), gradient };
  return part as Tensor as Handle;
}

/** The columns `from` ≤ c < `to` of the last dimension, on the same memory; the gradient is viewed alike. */
export function viewColumns<Handle extends Tensor>(tensor: Handle, from: number, to: number): Handle {
  if (!(from >= 0 && from < to && to <= columnsOf(tensor))) {
    throw new ShapeError('viewColumns', `a range within 0…${columnsOf(tensor)}`, `${from}…${to}`);
  }
  const gradient = tensor.gradient && viewColumns(tensor.gradient, from, to);
  return place(tensor, from, [...tensor.shape.slice(0, -1), to - from], tensor.stride, gradient);
}

/** A part of a row of numbers, from the element `offset` on, under a shape and with a gradient of its own. */
export function viewPart<Handle extends Tensor>(
  tensor: Handle,
  offset: number,
  shape: readonly number[],
  gradient: Tensor | null = null,
): Handle {
  return place(tensor, offset, shape, shape[shape.length - 1], gradient);
}

/** The same elements under another shape; only for tensors that are no column view. */
export function reshape<Handle extends Tensor>(tensor: Handle, shape: readonly number[]): Handle {
  if (tensor.stride !== columnsOf(tensor) || sizeOf(shape) !== sizeOf(tensor.shape)) {
    throw new ShapeError('reshape', `${sizeOf(shape)} contiguous elements`, tensor.shape);
  }
  return place(tensor, 0, shape, shape[shape.length - 1], tensor.gradient && reshape(tensor.gradient, shape));
}

/** Throws unless the shape is the expected one. */
export function expectShape(where: string, tensor: Tensor, expected: readonly number[]): void {
  const { shape } = tensor;
  if (shape.length !== expected.length || shape.some((length, i) => length !== expected[i])) {
    throw new ShapeError(where, `(${expected.join(', ')})`, shape);
  }
}

/** Throws where elements are not next to each other, for operations that take no column view. */
export function expectContiguous(where: string, tensor: Tensor): void {
  if (spanOf(tensor) !== sizeOf(tensor.shape)) throw new ShapeError(where, 'no column view', tensor.shape);
}

/** The smallest whole number, and the largest: one for all, or one for each column. */
export type WholeRange = readonly [smallest: number, largest: number | readonly number[]];

/** Throws ShapeError unless all are whole numbers of the range: kernels take them for places in memory. */
export function expectWhole(where: string, values: ArrayLike<number>, [smallest, largest]: WholeRange): void {
  const bounds = typeof largest === 'number' ? [largest] : largest;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const bound = bounds[i % bounds.length];
    if (!(Number.isInteger(value) && value >= smallest && value <= bound)) {
      throw new ShapeError(where, `whole numbers ${smallest} … ${bound}`, `${value}`);
    }
  }
}

/** What a backend on the host's memory does with handles: they carry their numbers. */
export const hostMemory = {
  write(tensor: Tensor, values: ArrayLike<number>): void {
    (tensor as HostTensor).data.set(values);
  },
  read(tensor: Tensor): Floats {
    const { data, stride, shape } = tensor as HostTensor;
    const columns = columnsOf(tensor);
    if (stride === columns || data.length === sizeOf(shape)) return data;
    const values = createValues(tensor);
    for (let r = 0; r * columns < values.length; r++) {
      values.set(data.subarray(r * stride, r * stride + columns), r * columns);
    }
    return values;
  },
  copy(from: Tensor, to: Tensor): void {
    (to as HostTensor).data.set((from as HostTensor).data);
  },
  hold: holdOnHost,
};
