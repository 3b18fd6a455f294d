import type { Tape } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { type DropoutKey, visitMask } from './dropout.ts';

/**
 * In training, each number is replaced by its column's `substitute` with probability `rate`; outside it, the identity.
 *
 * With the sign of a missing value as substitute, a network learns what to do without a feature even from rows that
 * lack none. x (rows, columns) gets no derivative. The choice is keyed as dropout's is. Exact; on every backend the
 * host does it, as it touches only a row's few inputs.
 */
export function hide(tape: Tape<unknown>, x: Tensor, substitutes: readonly number[], key: DropoutKey): Tensor {
  if (!tape.training || key.rate === 0) return x;
  const { moment } = tape;
  const columns = substitutes.length;
  const y = tape.backend.arena.allocate(x.shape);
  tape.record({
    inputs: [],
    forward() {
      visitMask(x.data.length, key, moment.step, moment.firstRow * columns, (i, factor) => {
        y.data[i] = factor === 0 ? substitutes[i % columns] : x.data[i];
      });
    },
    backward() {},
  });
  return y;
}
