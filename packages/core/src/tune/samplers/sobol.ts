/** For dimensions from the second on: the degree and coefficients of a primitive polynomial, and its first odd numbers. */
const directions: readonly (readonly [degree: number, coefficients: number, first: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
  [6, 19, [1, 1, 1, 15, 7, 5]],
  [6, 22, [1, 3, 1, 15, 13, 25]],
  [6, 25, [1, 1, 5, 5, 19, 61]],
  [7, 1, [1, 3, 7, 11, 23, 15, 103]],
  [7, 4, [1, 3, 7, 13, 13, 15, 69]],
];

export const mostDimensions = directions.length + 1;

/** The bits that each bit of an index turns over. */
function directionNumbers(dimension: number): Uint32Array {
  if (dimension === 0) return Uint32Array.from({ length: 32 }, (_, bit) => 2 ** (31 - bit));
  const [degree, coefficients, first] = directions[dimension - 1];
  const numbers = new Uint32Array(32);
  for (let i = 0; i < 32; i++) {
    if (i < degree) {
      numbers[i] = first[i] * 2 ** (31 - i);
      continue;
    }
    numbers[i] = numbers[i - degree] ^ (numbers[i - degree] >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((coefficients >>> (degree - 1 - k)) & 1) numbers[i] ^= numbers[i - k];
    }
  }
  return numbers;
}

const tables = new Map<number, Uint32Array>();

/** Coordinate `dimension` (0 … mostDimensions − 1) of Sobol's point number `index`, as 32 bits. Source: Joe & Kuo 2008. */
export function sobolBits(index: number, dimension: number): number {
  const numbers = tables.get(dimension) ?? directionNumbers(dimension);
  tables.set(dimension, numbers);
  let bits = 0;
  // By the Gray code: neighbouring indices differ in one bit, and the first 2ᵏ points are the same set.
  const gray = index ^ (index >>> 1);
  for (let bit = 0; bit < 32; bit++) if ((gray >>> bit) & 1) bits ^= numbers[bit];
  return bits >>> 0;
}

function reverseBits(x: number): number {
  let bits = x;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

/**
 * Owen's scrambling: each bit is turned over or not by those above it, which keeps how evenly points lie and makes each one
 * uniform. By a hash in which a bit changes none below it. Source: Laine & Karras 2011, Burley 2020.
 */
export function scrambleBits(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x = (x + seed) | 0;
  for (const factor of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6]) x ^= Math.imul(x, factor);
  return reverseBits(x);
}
