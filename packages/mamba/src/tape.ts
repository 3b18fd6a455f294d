import type { Arena } from './arena.ts';
import { ShapeError } from './errors.ts';
import { columnsOf, type Floats, type Gradient, type HostTensor, spanOf, type Tensor } from './tensor.ts';

/**
 * Something that computes: memory, and kernels on it. An operation asks only for the kernels that it needs.
 *
 * Calls take effect in their order, but a device may be behind: only what `read` gives is sure to be done.
 */
export interface Backend<Kernels, Handle extends Tensor = Tensor> {
  readonly name: string;
  readonly arena: Arena<Handle>;
  readonly kernels: Kernels;
  /** Puts numbers, row-major and as many as the tensor has, into a tensor that is no column view. */
  write(tensor: Tensor, values: ArrayLike<number>): void;
  /** A tensor's numbers, row-major, not to be written to and good until the next replay. */
  read(tensor: Tensor): Floats | Promise<Floats>;
  /** `to = from`, both of one size and neither a column view. */
  copy(from: Tensor, to: Tensor): void;
  /** Rows that stay as they are, for `gatherRows` alone to read. A host reads the very array. */
  hold(values: Float32Array, shape: readonly number[]): Tensor;
}

/** A backend that need not be waited for. */
export interface ImmediateBackend<Kernels, Handle extends Tensor = Tensor> extends Backend<Kernels, Handle> {
  read(tensor: Tensor): Floats;
}

/** One whose memory is the host's own. */
export interface HostBackend<Kernels> extends ImmediateBackend<Kernels, HostTensor> {
  readonly name: 'reference' | 'simd' | 'relaxed';
}

/** One recorded operation. `backward` gets a place for each input's derivative, in the order of `inputs`. */
export interface Operation {
  readonly inputs: readonly (Tensor | null)[];
  forward(): void;
  backward(gradients: readonly (Gradient | null)[]): void;
}

/** What differs from one replay to the next. Kernels get the object itself, so that it may be data on a device. */
export interface StepContext {
  /** Optimiser steps done before this one; keys the dropout masks. */
  step: number;
  /** Index, within the batch, of the shard's first row. */
  firstRow: number;
  /** Rows of the whole batch's predictions, those left out not counted: what losses are averaged over. */
  batchRows: number;
}

/**
 * A recording of one step on one shard. It is recorded once for a shape and replayed every step: operations are bound
 * to their memory at recording, so a replay allocates nothing.
 */
export interface Tape<Kernels> {
  readonly backend: Backend<Kernels>;
  /** Whether dropout applies. */
  readonly training: boolean;
  /** False for a recording that only predicts: no gradients. */
  readonly differentiable: boolean;
  readonly context: StepContext;
  /** An activation, with a place for its derivative where the recording is differentiable. */
  tensor(shape: readonly number[]): Tensor;
  record(operation: Operation): void;
  forward(): void;
  /** Leaves in every parameter's gradient what this replay contributes; older contents are replaced. */
  backward(): void;
}

interface BoundOperation {
  readonly operation: Operation;
  readonly gradients: readonly (Gradient | null)[];
}

/** Whether two derivatives have elements in common: rows of one stride may lie between each other. */
function overlaps(a: Tensor, b: Tensor): boolean {
  const [low, high] = a.address <= b.address ? [a, b] : [b, a];
  const offset = (high.address - low.address) / low.elementBytes;
  if (offset >= spanOf(low)) return false;
  if (low.stride !== high.stride) return true;
  const column = offset % low.stride;
  return column < columnsOf(low) || column + columnsOf(high) > low.stride;
}

/**
 * The first operation that backward reaches writes a derivative, the later ones add to it; which is which is known
 * from the recording, so nothing has to be cleared before a replay. So a tensor is read either as a whole or through
 * views that share nothing. Throws: ShapeError.
 */
function bindGradients(operations: readonly Operation[]): BoundOperation[] {
  const written: Tensor[] = [];
  return operations.toReversed().map((operation) => ({
    operation,
    gradients: operation.inputs.map((input) => {
      if (!input?.gradient) return null;
      const { gradient } = input;
      const span = spanOf(gradient);
      const accumulate = written.some((other) => other.address === gradient.address && spanOf(other) === span);
      if (!accumulate) {
        const other = written.find((other) => overlaps(other, gradient));
        if (other)
          throw new ShapeError('tape', `views that are one or share nothing, (${other.shape}) is read`, gradient.shape);
        written.push(gradient);
      }
      return { ...gradient, accumulate };
    }),
  }));
}

/** One that trains is differentiable; one that does not is so where it is asked for. */
export function createTape<Kernels>(
  backend: Backend<Kernels>,
  training: boolean,
  differentiable = training,
): Tape<Kernels> {
  const { arena } = backend;
  const operations: Operation[] = [];
  let bound: BoundOperation[] | null = null;
  return {
    backend,
    training,
    differentiable,
    context: { step: 0, firstRow: 0, batchRows: 0 },
    tensor: (shape) => arena.allocate(shape, differentiable ? arena.allocate(shape) : null),
    record(operation) {
      operations.push(operation);
      bound = null;
    },
    forward() {
      for (let i = 0; i < operations.length; i++) operations[i].forward();
    },
    backward() {
      bound ??= bindGradients(operations);
      for (let i = 0; i < bound.length; i++) bound[i].operation.backward(bound[i].gradients);
    },
  };
}
