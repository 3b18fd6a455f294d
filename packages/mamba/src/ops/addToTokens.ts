import type { Tape } from '../tape.ts';
import { expectContiguous, expectShape, type Gradient, type Tensor } from '../tensor.ts';

/**
 * One vector a row, added to each of the row's tokens: `y[r, t] = tokens[r, t] + summary[r]`.
 *
 * Shapes: tokens and y (rows, tokens, width), contiguous; summary (rows, width), contiguous. On every backend the host
 * does it, as it is one addition an element. Accuracy: one rounding of the exact sum; derivatives likewise, that of the
 * summary a sum in order of the tokens. Throws: ShapeError.
 */
export function addToTokens(tape: Tape<unknown>, tokens: Tensor, summary: Tensor): Tensor {
  const [rows, count, width] = tokens.shape;
  expectContiguous('addToTokens', tokens);
  expectContiguous('addToTokens summary', summary);
  expectShape('addToTokens summary', summary, [rows, width]);
  const y = tape.tensor(tokens.shape);
  tape.record({
    inputs: [tokens, summary],
    forward() {
      for (let r = 0, i = 0; r < rows; r++) {
        for (let t = 0; t < count; t++) {
          for (let c = 0; c < width; c++, i++) y.data[i] = tokens.data[i] + summary.data[r * width + c];
        }
      }
    },
    backward([dtokens, dsummary]) {
      const dy = (y.gradient as Tensor).data;
      addGradient(dtokens, dy);
      if (!dsummary) return;
      if (!dsummary.accumulate) dsummary.data.fill(0);
      for (let r = 0, i = 0; r < rows; r++) {
        for (let t = 0; t < count; t++) {
          for (let c = 0; c < width; c++, i++) dsummary.data[r * width + c] += dy[i];
        }
      }
    },
  });
  return y;
}

function addGradient(place: Gradient | null, dy: Tensor['data']): void {
  if (!place) return;
  if (!place.accumulate) place.data.set(dy);
  else for (let i = 0; i < dy.length; i++) place.data[i] += dy[i];
}
