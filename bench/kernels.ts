/** Single operations: a matrix product and the exponential. */
import { createBackend, randomStream } from '@hitscan/mamba';
import { createTimer } from './measure.ts';
import type { Case } from './measureCase.ts';

const [rows, inputs, outputs] = [1664, 64, 256];

/** The product of the tokens' first projection. */
export const matmul: Case = {
  name: 'matmul',
  unit: 'GFLOP/s',
  rounds: 9,
  prepare({ flops }) {
    const { arena, kernels } = createBackend('relaxed');
    const random = randomStream(1, 'bench matmul');
    const draw = (shape: readonly number[]) => {
      const tensor = arena.allocate(shape);
      for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = random.normal();
      return tensor;
    };
    const [x, weight] = [draw([rows, inputs]), draw([outputs, inputs])];
    const y = arena.allocate([rows, outputs]);
    const time = createTimer(() => kernels.linear.forward(x, weight, null, null, y));
    let expected = 0;
    for (let i = 0; i < inputs; i++) expected += x.data[777 * inputs + i] * weight.data[99 * inputs + i];
    if (!(Math.abs(y.data[777 * outputs + 99] - expected) < 1e-4)) throw new Error('matmul: the product is wrong');
    return {
      round: () => (2 * rows * inputs * outputs) / time() / 1e6,
      remark: ({ median }) => ({
        shareOfPeak: (median * 1e9) / flops,
        note: `(${rows}×${inputs})·(${inputs}×${outputs}); 1 thread; bound: multiply-adds`,
      }),
    };
  },
};

/** Floating-point operations of an exponential, as math.ts computes it: 7 multiply-adds, a minimum, a difference, 2 products. */
const expOperations = 18;

export const exp: Case = {
  name: 'exp',
  unit: 'ns',
  rounds: 9,
  prepare({ flops, expUlps, timeExponentials }) {
    return {
      round: timeExponentials,
      remark: ({ median }) => ({
        shareOfPeak: expOperations / (median * 1e-9) / flops,
        note: `the scan’s 2^(Δ·rate) in a loop of its own; worst error ${expUlps.toFixed(2)} ulp; bound: its ${expOperations} operations as multiply-adds`,
      }),
    };
  },
};
