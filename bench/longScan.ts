/** The selective scan over one long sequence, forward and backward: does time grow with length and no faster? */
import { createBackend, randomStream } from '@hitscan/mamba';
import { summarise } from './measure.ts';
import type { Case } from './measureCase.ts';

type HostTensor = ReturnType<ReturnType<typeof createBackend>['arena']['allocate']>;

const [inner, state, chunk] = [512, 16, 64];
const lengths = [1024, 4096, 16384, 65536];
const longest = lengths[lengths.length - 1];

/** A part of a tensor: the `index`th that is of this shape. */
function take(tensor: HostTensor, shape: readonly number[], index: number): HostTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = tensor.data.subarray(index * size, (index + 1) * size);
  return { ...tensor, shape, address: tensor.address + index * size * data.BYTES_PER_ELEMENT, data };
}

/**
 * Multiply-adds of a state of a channel at a position: driven, decayed, decayed again in the second pass, and its
 * products with C (twice) and B, dC, dB, dA and dΔ.
 */
const multiplyAdds = 10;

export const longScan: Case = {
  name: 'long-scan',
  unit: 'ns',
  rounds: 5,
  prepare({ flops, expNanoseconds }) {
    const { arena, kernels } = createBackend('relaxed');
    const random = randomStream(1, 'bench scan');
    const some = Float32Array.from({ length: 1 << 16 }, () => 2 * random.uniform() - 1);
    const draw = (shape: readonly number[]) => {
      const tensor = arena.allocate(shape);
      const { length } = tensor.data;
      for (let i = 0; i < length; i += some.length)
        tensor.data.set(some.subarray(0, Math.min(some.length, length - i)), i);
      return tensor;
    };
    const wide = [1, longest, inner];
    const narrow = [1, longest, state];
    const rates = [inner, state];
    const inputs = {
      u: draw(wide),
      dt: draw(wide),
      dtBias: draw([inner]),
      ALog: draw(rates),
      B: draw(narrow),
      C: draw(narrow),
      D: draw([inner]),
      z: draw(wide),
    };
    const dy = draw(wide);
    const y = arena.allocate(wide);
    const states = arena.allocate([1, longest / chunk - 1, inner / 64, state, 64]);
    const gradients = {
      u: arena.allocate(wide),
      dt: arena.allocate(wide),
      dtBias: arena.allocate([inner]),
      ALog: arena.allocate(rates),
      B: arena.allocate(narrow),
      C: arena.allocate(narrow),
      D: arena.allocate([inner]),
      z: arena.allocate(wide),
    };

    const scan = (length: number, index: number): void => {
      const cut = (tensor: HostTensor) =>
        tensor.shape.length === 3 ? take(tensor, [1, length, tensor.shape[2]], index) : tensor;
      const cutAll = <T extends Readonly<Record<string, HostTensor>>>(tensors: T) =>
        Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, cut(tensor)])) as T;
      const kept = take(states, [1, length / chunk - 1, inner / 64, state, 64], 0);
      const places = cutAll(gradients);
      const into = Object.fromEntries(
        Object.entries(places).map(([name, tensor]) => [name, { ...tensor, accumulate: false }]),
      ) as { [name in keyof typeof gradients]: HostTensor & { readonly accumulate: boolean } };
      kernels.selectiveScan.forward(cutAll(inputs), cut(y), kept);
      kernels.selectiveScan.backward(cutAll(inputs), kept, cut(dy), into);
    };

    /** Nanoseconds a position, by length; one entry a round. */
    const rounds = new Map<number, number[]>(lengths.map((length) => [length, []]));
    const time = (length: number, calls: number): number => {
      const started = performance.now();
      for (let i = 0; i < calls; i++) scan(length, i);
      return ((performance.now() - started) * 1e6) / calls / length;
    };
    for (const length of lengths) time(length, 1);
    return {
      round() {
        // In every round each length, one after the other, so that disturbances hit all alike; short ones over one part of
        // the same memory after another, as a sequence of 1,024 that lies in the cache already is a seventh faster.
        for (const length of lengths) rounds.get(length)?.push(time(length, Math.min(16, longest / length)));
        return rounds.get(longest)?.at(-1) ?? Number.NaN;
      },
      remark({ median }) {
        const samples = lengths.map((length) => summarise(rounds.get(length) ?? []));
        const growths = samples.map((sample) => sample.median / samples[0].median);
        const undisturbed = samples.map((sample) => sample.minimum / samples[0].minimum);
        const farthest = (values: readonly number[]) =>
          values.reduce((worst, value) => (Math.abs(value - 1) > Math.abs(worst - 1) ? value : worst), 1);
        const bound = inner * state * (2 * expNanoseconds + (1e9 * 2 * multiplyAdds) / flops);
        const memory = Math.round((100 * states.data.byteLength) / y.data.byteLength);
        return {
          shareOfPeak: bound / median,
          note:
            `a position of ${longest}, inner ${inner}, state ${state}, forward and backward; from ${lengths[0]} on at worst ` +
            `${farthest(growths).toFixed(2)} of linear growth, inputs in no cache (${farthest(undisturbed).toFixed(2)} by the fastest rounds); ` +
            `${memory} % of y for states; 1 thread; bound: exponentials and multiply-adds`,
          details: {
            worstGrowth: farthest(growths),
            worstGrowthOfMinima: farthest(undisturbed),
            lengths: Object.fromEntries(lengths.map((length, i) => [length, samples[i]])),
          },
        };
      },
    };
  },
};
