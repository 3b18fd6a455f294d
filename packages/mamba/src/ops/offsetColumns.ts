import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Tensor } from '../tensor.ts';

export interface OffsetColumnsKernels {
  /** `y[r, c] = x[r, c] + offsets[c]` */
  forward(x: Tensor, offsets: readonly number[], y: Tensor): void;
}

/** Float64 definition. */
export const offsetColumnsDefinition: Definition<OffsetColumnsKernels> = {
  forward(x, offsets, y) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i] + offsets[i % offsets.length];
  },
};

/**
 * A number added to each column: `y[r, c] = x[r, c] + offsets[c]`. It makes codes of features places in one table.
 *
 * Shapes: x and y (rows, columns), contiguous; x gets no derivative. Exact for whole numbers below 2²⁴.
 * Throws: ShapeError.
 */
export function offsetColumns(
  tape: Tape<{ readonly offsetColumns: OffsetColumnsKernels }>,
  x: Tensor,
  offsets: readonly number[],
): Tensor {
  expectShape('offsetColumns', x, [x.shape[0], offsets.length]);
  expectContiguous('offsetColumns', x);
  const { arena, kernels } = tape.backend;
  const y = arena.allocate(x.shape);
  tape.record({ inputs: [], forward: () => kernels.offsetColumns.forward(x, offsets, y), backward() {} });
  return y;
}
