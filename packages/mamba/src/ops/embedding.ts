import { ShapeError } from '../errors.ts';
import type { Tape } from '../tape.ts';
import { columnsOf, type Definition, expectShape, type Gradient, type Tensor } from '../tensor.ts';

export interface EmbeddingKernels {
  /** Copies table row `codes[r, k]` to position `positions[k]` of y (rows, tokens, width). */
  forward(codes: Tensor, table: Tensor, positions: readonly number[], y: Tensor): void;
  backward(codes: Tensor, positions: readonly number[], dy: Tensor, dtable: Gradient): void;
}

/** Float64 definition. */
export const embeddingDefinition: Definition<EmbeddingKernels> = {
  forward(codes, table, positions, y) {
    const [rows, features] = codes.shape;
    const width = columnsOf(table);
    const tokens = y.shape[1];
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < features; k++) {
        const from = codes.data[r * features + k] * width;
        const to = (r * tokens + positions[k]) * width;
        for (let c = 0; c < width; c++) y.data[to + c] = table.data[from + c];
      }
    }
  },

  backward(codes, positions, dy, dtable) {
    const [rows, features] = codes.shape;
    const width = columnsOf(dtable);
    const tokens = dy.shape[1];
    if (!dtable.accumulate) dtable.data.fill(0);
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < features; k++) {
        const to = codes.data[r * features + k] * width;
        const from = (r * tokens + positions[k]) * width;
        for (let c = 0; c < width; c++) dtable.data[to + c] += dy.data[from + c];
      }
    }
  },
};

/**
 * Categories to tokens: `token[k] = table[codes[k]]`.
 *
 * Shapes: codes (rows, features), whole numbers 0 … entries − 1, checked by whoever fills them; table (entries, width);
 * y (rows, tokens, width), of which this writes the given positions. Exact.
 * Throws: ShapeError.
 */
export function embedding(
  tape: Tape<{ readonly embedding: EmbeddingKernels }>,
  codes: Tensor,
  table: Tensor,
  positions: readonly number[],
  y: Tensor,
): void {
  expectShape('embedding codes', codes, [y.shape[0], positions.length]);
  if (columnsOf(y) !== columnsOf(table) || positions.some((p) => !(p >= 0 && p < y.shape[1]))) {
    throw new ShapeError('embedding', `positions in tokens of width ${columnsOf(table)}`, y.shape);
  }
  const { kernels } = tape.backend;
  tape.record({
    inputs: [table],
    forward: () => kernels.embedding.forward(codes, table, positions, y),
    backward: ([dtable]) => kernels.embedding.backward(codes, positions, y.gradient as Tensor, dtable as Gradient),
  });
}
