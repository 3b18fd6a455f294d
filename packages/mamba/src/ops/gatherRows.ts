import type { Definition, Tensor } from '../tensor.ts';

export interface GatherRowsKernels {
  /**
   * `y[r] = source[order[from + r]]`. Shapes: y (rows, width), contiguous; source (all rows, width), as the backend holds it.
   * Exact. It is no operation of a tape, but fills a tape's inputs before a replay.
   */
  forward(source: Tensor, order: Uint32Array, from: number, y: Tensor): void;
}

/** Float64 definition; also what a backend on the host's memory does, as a batch has few numbers. */
export const gatherRowsDefinition: Definition<GatherRowsKernels> = {
  forward(source, order, from, y) {
    const [rows, width] = y.shape;
    for (let r = 0; r < rows; r++) {
      const first = order[from + r] * width;
      for (let c = 0; c < width; c++) y.data[r * width + c] = source.data[first + c];
    }
  },
};
