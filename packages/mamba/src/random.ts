/**
 * Random numbers from a counter: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Every draw is a pure function of (seed, purpose, position), so neither the number of threads nor the backend nor an
 * interruption changes it.
 */

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const low = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (low >>> 16)) >>> 0;
}

/** Ten rounds of Philox: encrypts the four counter words under the two key words, in place. */
export function philox(counter: Uint32Array, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = counter;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low0 = Math.imul(multiplier0, c0);
    const low1 = Math.imul(multiplier1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  counter[0] = c0;
  counter[1] = c1;
  counter[2] = c2;
  counter[3] = c3;
}

/** FNV-1a, 32 bits, over the text's UTF-16 code units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

export interface RandomStream {
  /** Uniform over the 32-bit unsigned integers. */
  uint32(): number;
  /** Uniform over [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Uniform over the integers 0 … n − 1, without modulo bias. */
  below(n: number): number;
  /** Fisher–Yates, in place. */
  shuffle(rows: Uint32Array): void;
}

/**
 * A stream of its own for each purpose: streams of one seed with different purposes are independent.
 * `seed` may be any safe integer; only its low 32 bits and the next 21 count.
 */
export function randomStream(seed: number, purpose: string): RandomStream {
  const key0 = seed >>> 0;
  const key1 = (hashText(purpose) ^ (Math.floor(seed / 0x100000000) >>> 0)) >>> 0;
  const block = new Uint32Array(4);
  let position = 0;
  let spare = Number.NaN;

  function uint32(): number {
    const lane = position & 3;
    if (lane === 0) {
      const index = position / 4;
      block[0] = index >>> 0;
      block[1] = Math.floor(index / 0x100000000) >>> 0;
      block[2] = 0;
      block[3] = 0;
      philox(block, key0, key1);
    }
    position++;
    return block[lane];
  }

  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  function normal(): number {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function below(n: number): number {
    const limit = Math.floor(0x100000000 / n) * n;
    let value = uint32();
    while (value >= limit) value = uint32();
    return value % n;
  }

  function shuffle(rows: Uint32Array): void {
    for (let i = rows.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const held = rows[i];
      rows[i] = rows[j];
      rows[j] = held;
    }
  }

  return { uint32, uniform, normal, below, shuffle };
}
