import type { Tape } from '../tape.ts';
import { type Definition, expectContiguous, expectShape, type Gradient, type Tensor } from '../tensor.ts';

export interface AddToTokensKernels {
  forward(tokens: Tensor, summary: Tensor, y: Tensor): void;
  backward(dy: Tensor, dtokens: Gradient | null, dsummary: Gradient | null): void;
}

/** Float64 definition. */
export const addToTokensDefinition: Definition<AddToTokensKernels> = {
  forward(tokens, summary, y) {
    const [rows, count, width] = tokens.shape;
    for (let r = 0, i = 0; r < rows; r++) {
      for (let t = 0; t < count; t++) {
        for (let c = 0; c < width; c++, i++) y.data[i] = tokens.data[i] + summary.data[r * width + c];
      }
    }
  },

  backward(dy, dtokens, dsummary) {
    const [rows, count, width] = dy.shape;
    if (dtokens) {
      for (let i = 0; i < dy.data.length; i++) {
        dtokens.data[i] = dtokens.accumulate ? dtokens.data[i] + dy.data[i] : dy.data[i];
      }
    }
    if (!dsummary) return;
    if (!dsummary.accumulate) dsummary.data.fill(0);
    for (let r = 0, i = 0; r < rows; r++) {
      for (let t = 0; t < count; t++) {
        for (let c = 0; c < width; c++, i++) dsummary.data[r * width + c] += dy.data[i];
      }
    }
  },
};

/**
 * One vector a row, added to each of the row's tokens: `y[r, t] = tokens[r, t] + summary[r]`.
 *
 * Shapes: tokens and y (rows, tokens, width), contiguous; summary (rows, width), contiguous.
 * Accuracy: one rounding of the exact sum; derivatives likewise, that of the summary a sum in order of the tokens.
 * Throws: ShapeError.
 */
export function addToTokens(
  tape: Tape<{ readonly addToTokens: AddToTokensKernels }>,
  tokens: Tensor,
  summary: Tensor,
): Tensor {
  const [rows, , width] = tokens.shape;
  expectContiguous('addToTokens', tokens);
  expectContiguous('addToTokens summary', summary);
  expectShape('addToTokens summary', summary, [rows, width]);
  const { kernels } = tape.backend;
  const y = tape.tensor(tokens.shape);
  tape.record({
    inputs: [tokens, summary],
    forward: () => kernels.addToTokens.forward(tokens, summary, y),
    backward: ([dtokens, dsummary]) => kernels.addToTokens.backward(y.gradient as Tensor, dtokens, dsummary),
  });
  return y;
}
