import { ShapeError } from './errors.ts';

export type Floats = Float32Array | Float64Array;

/**
 * Numbers at a place in a backend's memory: row-major, the last dimension contiguous.
 *
 * `stride` is the distance, in elements, from one row of the last dimension to the next; it exceeds the last
 * dimension only in a view on some of another tensor's columns, which is how splits cost nothing.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly stride: number;
  /** Byte address in the backend's memory; two tensors with one address start at the same element. */
  readonly address: number;
  /** Begins at the tensor's first element and ends with its last row. */
  readonly data: Floats;
  /** Where the derivative of the loss by this tensor is put; null where none is wanted. */
  readonly gradient: Tensor | null;
}

/** A place for a derivative, and whether something is already there to be added to. */
export interface Gradient extends Tensor {
  readonly accumulate: boolean;
}

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
  return shape.reduce((product, length) => product * length, 1);
}

/** The columns `from` ≤ c < `to` of the last dimension, on the same memory; the gradient is viewed alike. */
export function viewColumns(tensor: Tensor, from: number, to: number): Tensor {
  if (!(from >= 0 && from < to && to <= columnsOf(tensor))) {
    throw new ShapeError('viewColumns', `a range within 0…${columnsOf(tensor)}`, `${from}…${to}`);
  }
  const shape = [...tensor.shape.slice(0, -1), to - from];
  const end = (rowsOf(tensor) - 1) * tensor.stride + to;
  return {
    shape,
    stride: tensor.stride,
    address: tensor.address + from * tensor.data.BYTES_PER_ELEMENT,
    data: tensor.data.subarray(from, end),
    gradient: tensor.gradient && viewColumns(tensor.gradient, from, to),
  };
}

/** The same elements under another shape; only for tensors that are no column view. */
export function reshape(tensor: Tensor, shape: readonly number[]): Tensor {
  if (tensor.stride !== columnsOf(tensor) || sizeOf(shape) !== sizeOf(tensor.shape)) {
    throw new ShapeError('reshape', `${sizeOf(shape)} contiguous elements`, tensor.shape);
  }
  return {
    ...tensor,
    shape,
    stride: shape[shape.length - 1],
    gradient: tensor.gradient && reshape(tensor.gradient, shape),
  };
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
  if (tensor.data.length !== sizeOf(tensor.shape)) throw new ShapeError(where, 'no column view', tensor.shape);
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
