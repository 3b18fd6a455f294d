/** NumPy's RandomState, as far as samplers draw from it. */
export interface MersenneTwister {
  /** Uniform over [0, 1), 53 bits. */
  uniform(): number;
  /** Indices drawn with the given probabilities, as `choice(len(p), p=p, size=count)`. */
  choose(probabilities: ArrayLike<number>, count: number): Int32Array;
}

const size = 624;
const middle = 397;

/** The generator that `numpy.random.RandomState(seed)` is. `seed`: 0 … 2³² − 1. Source: Matsumoto & Nishimura 1998. */
export function createMersenneTwister(seed: number): MersenneTwister {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const before = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(before, 1812433253) + i;
  }
  let position = size;

  function twist(): void {
    for (let i = 0; i < size; i++) {
      const joined = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + middle) % size] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    position = 0;
  }

  function uint32(): number {
    if (position === size) twist();
    let word = state[position++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  return {
    uniform,
    choose(probabilities, count) {
      const cumulative = Float64Array.from(probabilities);
      for (let i = 1; i < cumulative.length; i++) cumulative[i] += cumulative[i - 1];
      const total = cumulative[cumulative.length - 1];
      return Int32Array.from({ length: count }, () => {
        const share = uniform();
        let from = 0;
        let to = cumulative.length;
        while (from < to) {
          const at = (from + to) >>> 1;
          if (cumulative[at] / total <= share) from = at + 1;
          else to = at;
        }
        return from;
      });
    },
  };
}
