import { describe, expect, test } from 'vitest';
import { createBackends } from '../../testing/backends.ts';
import { expectClose } from '../../testing/expectClose.ts';
import { numbersOf } from '../../testing/operationCase.ts';
import { goldenTensor } from '../golden/inputs.ts';
import type { Kernels } from '../kernels.ts';
import type { Backend } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import type { AdamWStep } from './adamW.ts';

const defaults: Omit<AdamWStep, 'gradientScale'> = {
  learningRate: 0.01,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  step: 1,
};

function allocate(backend: Backend<Kernels>, values: ArrayLike<number>): Tensor {
  const tensor = backend.arena.allocate([values.length]);
  numbersOf(tensor).set(values);
  return tensor;
}

/** Settings of a run; `scale` is the gradients'. */
type Config = Partial<typeof defaults> & { readonly scale?: number };

/** Weight and moments after some steps, with another gradient each. */
function runSteps(backend: Backend<Kernels>, size: number, steps: number, { scale = 1, ...config }: Config) {
  const gradientScale = allocate(backend, [scale]);
  const weight = allocate(backend, goldenTensor('weight', [size]));
  const gradient = backend.arena.allocate([size]);
  const first = backend.arena.allocate([size]);
  const second = backend.arena.allocate([size]);
  const after = allocate(backend, [12345]);
  for (let step = 1; step <= steps; step++) {
    numbersOf(gradient).set(goldenTensor(`gradient ${step}`, [size]));
    backend.kernels.adamW.update(weight, gradient, first, second, { ...defaults, ...config, step, gradientScale });
  }
  expect(numbersOf(after)[0], 'the tensor after').toBe(12345);
  return { weight: numbersOf(weight), first: numbersOf(first), second: numbersOf(second) };
}

describe('adamW', () => {
  test.each<Config>([{}, { weightDecay: 0 }, { scale: 0.01 }, { beta1: 0, beta2: 0.5 }])(
    'every backend agrees with the definition: %o',
    (config) => {
      const [reference, ...others] = createBackends();
      for (const size of [1, 2, 3, 4, 5, 13, 130]) {
        const expected = runSteps(reference, size, 20, config);
        for (const backend of others) {
          const found = runSteps(backend, size, 20, config);
          // Twenty steps of a few roundings each, of numbers below 1; β₂ = 0.999 itself rounds by 3e-8.
          for (const name of ['weight', 'first', 'second'] as const) {
            expectClose(`${backend.name} ${name}, ${size}`, found[name], expected[name], { absolute: 2e-6 });
          }
        }
      }
    },
  );

  test('by hand: the first step goes the learning rate against the gradient’s sign, and decays the weight', () => {
    for (const backend of createBackends()) {
      const weight = allocate(backend, [1, 1, 1, -2]);
      const gradient = allocate(backend, [0.5, -300, 0, 1e-3]);
      const moments = [backend.arena.allocate([4]), backend.arena.allocate([4])] as const;
      backend.kernels.adamW.update(weight, gradient, ...moments, {
        ...defaults,
        gradientScale: allocate(backend, [1]),
      });
      // m̂ = g and v̂ = g², so the step is lr·g / (|g| + ε); decay takes lr·0.1 of the weight.
      const expected = [1 - 0.001 - 0.01, 1 - 0.001 + 0.01, 1 - 0.001, -2 + 0.002 - 0.01];
      // A float32 rounding of numbers up to 2, and ε / |g| = 1e-5 of the last step.
      expectClose(backend.name, numbersOf(weight), expected, { absolute: 5e-7 });
    }
  });

  test('an infinite or missing gradient does not go unseen', () => {
    for (const backend of createBackends()) {
      const weight = allocate(backend, [1, 1]);
      const moments = [backend.arena.allocate([2]), backend.arena.allocate([2])] as const;
      backend.kernels.adamW.update(weight, allocate(backend, [Number.NaN, 1]), ...moments, {
        ...defaults,
        gradientScale: allocate(backend, [1]),
      });
      expect(Array.from(numbersOf(weight), Number.isNaN), backend.name).toEqual([true, false]);
    }
  });

  test('clip and add', () => {
    for (const backend of createBackends()) {
      const { adamW } = backend.kernels;
      for (const size of [1, 2, 3, 4, 5, 13, 130]) {
        const values = goldenTensor('values', [size]);
        const x = allocate(backend, values);
        const norm = Math.hypot(...values);
        const scale = allocate(backend, [0]);
        for (const limit of [norm / 3, 2 * norm]) {
          adamW.clip(x, limit, scale);
          // The sum is in float64; the scale is rounded once to float32, and 1e-6 is what PyTorch adds to the norm.
          const expected = limit < norm ? limit / (norm + 1e-6) : 1;
          expectClose(backend.name, numbersOf(scale), [expected], { relative: 6e-8 });
        }
        const target = allocate(backend, goldenTensor('target', [size]));
        const after = allocate(backend, [12345]);
        const sums = Array.from(numbersOf(target), (value, i) => value + values[i]);
        adamW.add(x, target);
        // One float32 rounding of a number below 2.
        expectClose(backend.name, numbersOf(target), sums, { absolute: 1.2e-7 });
        expect(numbersOf(after)[0]).toBe(12345);
      }
    }
  });
});
