import type { Arena } from './arena.ts';
import type { Gradient, Tensor } from './tensor.ts';

/** Something that computes: memory, and kernels on it. An operation asks only for the kernels that it needs. */
export interface Backend<Kernels> {
  readonly name: 'reference' | 'simd' | 'relaxed';
  readonly arena: Arena;
  readonly kernels: Kernels;
}

/** One recorded operation. `backward` gets a place for each input's derivative, in the order of `inputs`. */
export interface Operation {
  readonly inputs: readonly (Tensor | null)[];
  forward(): void;
  backward(gradients: readonly (Gradient | null)[]): void;
}

/** What differs from one replay to the next. */
export interface Moment {
  /** Optimiser steps done before this one; keys the dropout masks. */
  step: number;
  /** Index, within the batch, of the shard's first row. */
  firstRow: number;
  /** Rows of the whole batch, over which losses are averaged. */
  batchRows: number;
}

/**
 * A recording of one step on one shard. It is recorded once for a shape and replayed every step: operations are bound
 * to their memory at recording, so a replay allocates nothing.
 */
export interface Tape<Kernels> {
  readonly backend: Backend<Kernels>;
  /** False for a recording that only predicts: no gradients, no dropout. */
  readonly training: boolean;
  readonly moment: Moment;
  /** An activation, with a place for its derivative when training. */
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

/**
 * The first operation that backward reaches writes a derivative, the later ones add to it; which is which is known
 * from the recording, so nothing has to be cleared before a replay.
 */
function bindGradients(operations: readonly Operation[]): BoundOperation[] {
  const written = new Set<number>();
  return operations.toReversed().map((operation) => ({
    operation,
    gradients: operation.inputs.map((input) => {
      if (!input?.gradient) return null;
      const { address } = input.gradient;
      const accumulate = written.has(address);
      written.add(address);
      return { ...input.gradient, accumulate };
    }),
  }));
}

export function createTape<Kernels>(backend: Backend<Kernels>, training: boolean): Tape<Kernels> {
  const { arena } = backend;
  const operations: Operation[] = [];
  let bound: BoundOperation[] | null = null;
  return {
    backend,
    training,
    moment: { step: 0, firstRow: 0, batchRows: 0 },
    tensor: (shape) => arena.allocate(shape, training ? arena.allocate(shape) : null),
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
