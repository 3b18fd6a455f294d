import type { Gradient, Tensor } from '../tensor.ts';

export type Kernel = (...operands: readonly (number | boolean)[]) => number;

/** The functions that assembly/index.ts exports. */
export type WasmExports = Readonly<Record<string, Kernel>>;

/** From one row to the next, in bytes. */
export const rowBytes = (tensor: Tensor): number => tensor.stride * 4;

/** A place for a derivative as kernels take it: address, and whether to add. */
export const place = (gradient: Gradient): [number, boolean] => [gradient.address, gradient.accumulate];

/** Likewise for one that may be a column view: address, bytes from row to row, and whether to add. */
export const strided = (gradient: Gradient): [number, number, boolean] => [
  gradient.address,
  rowBytes(gradient),
  gradient.accumulate,
];
