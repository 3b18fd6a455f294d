import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashText, philox, randomStream } from './random.ts';

interface PhiloxVector {
  readonly counter: readonly string[];
  readonly key: readonly string[];
  readonly answer: readonly string[];
}

const seeds = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

describe('philox', () => {
  test("the authors' known answers", () => {
    const file = new URL('golden/philox.json', import.meta.url);
    const vectors: PhiloxVector[] = JSON.parse(readFileSync(file, 'utf8'));
    expect(vectors.length).toBeGreaterThan(0);
    for (const { counter, key, answer } of vectors) {
      const words = Uint32Array.from(counter, Number);
      philox(words, Number(key[0]), Number(key[1]));
      expect(Array.from(words)).toEqual(answer.map(Number));
    }
  });

  test('one bit of the counter or the key changes about half of the result', () => {
    const encrypt = (counter: number[], key: number[]): Uint32Array => {
      const words = Uint32Array.from(counter);
      philox(words, key[0] >>> 0, key[1] >>> 0);
      return words;
    };
    const before = encrypt([1, 2, 3, 4], [5, 6]);
    for (let bit = 0; bit < 192; bit++) {
      const counter = [1, 2, 3, 4];
      const key = [5, 6];
      if (bit < 128) counter[bit >> 5] ^= 1 << (bit & 31);
      else key[(bit >> 5) - 4] ^= 1 << (bit & 31);
      const changed = encrypt(counter, key).map((word, i) => word ^ before[i]);
      const bits = Array.from(changed).reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0);
      // 64 expected of 128; five deviations of fair coins are 28.
      expect(Math.abs(bits - 64), `bit ${bit}`).toBeLessThan(29);
    }
  });
});

describe('randomStream', () => {
  test('reproducible, and of its own for each seed and purpose', () => {
    const draw = (seed: number, purpose: string): string => {
      const stream = randomStream(seed, purpose);
      return Array.from({ length: 9 }, () => stream.uint32()).join(' ');
    };
    fc.assert(
      fc.property(seeds, fc.string(), (seed, purpose) => {
        const first = draw(seed, purpose);
        expect(draw(seed, purpose)).toBe(first);
      }),
      { numRuns: 50 },
    );
    const differing = [
      draw(0, 'order'),
      draw(1, 'order'),
      draw(2 ** 32, 'order'),
      draw(-1, 'order'),
      draw(0, 'orders'),
      draw(0, ''),
      draw(0, 'initialise A_log'),
    ];
    expect(new Set(differing).size).toBe(differing.length);
  });

  test('drawing one kind of number leaves the next ones as the count of words says', () => {
    const [a, b] = [randomStream(1, 'x'), randomStream(1, 'x')];
    a.uniform();
    b.uint32();
    b.uint32();
    expect(a.uint32()).toBe(b.uint32());
  });

  test('uniform: in [0, 1), evenly, without correlation of neighbours', () => {
    const count = 50_000;
    const stream = randomStream(1, 'uniform');
    const values = Float64Array.from({ length: count }, () => stream.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const tenths = new Uint32Array(10);
    for (const value of values) tenths[Math.floor(value * 10)]++;
    // Five deviations of a share of a tenth: 5·√(50,000·0.1·0.9) = 335.
    for (const found of tenths) expect(Math.abs(found - count / 10)).toBeLessThan(335);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    // Five deviations: 5 / √(12·50,000).
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.0065);
    const products = values.reduce((sum, value, i) => sum + (i > 0 ? (value - 0.5) * (values[i - 1] - 0.5) : 0), 0);
    // Each product has variance 1/144.
    expect(Math.abs(products / count)).toBeLessThan(5 / 12 / Math.sqrt(count));
    // All 53 bits are used.
    expect(values.some((value) => !Number.isInteger(value * 2 ** 52))).toBe(true);
  });

  test('normal: the moments of a standard normal', () => {
    const count = 50_000;
    const stream = randomStream(1, 'normal');
    const values = Float64Array.from({ length: count }, () => stream.normal());
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / count;
    // Five deviations each: √(E x²ᵏ − (E xᵏ)²) / √count, which is 1, √2, √15 and √96 of 1/√50,000.
    expect(Math.abs(moment(1))).toBeLessThan(0.0224);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.0317);
    expect(Math.abs(moment(3))).toBeLessThan(0.0867);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.22);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test('below: within range and unbiased, for numbers that do not divide 2^32', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, n) => {
        const value = randomStream(seed, 'below').below(n);
        return Number.isInteger(value) && value >= 0 && value < n;
      }),
    );
    const count = 30_000;
    const stream = randomStream(1, 'below');
    const thirds = new Uint32Array(3);
    for (let i = 0; i < count; i++) thirds[stream.below(3)]++;
    // Five deviations of a share of a third: 5·√(30,000·2/9) = 408.
    for (const found of thirds) expect(Math.abs(found - count / 3)).toBeLessThan(408);
    // With a plain remainder of 2^32, numbers below 2^30 would come twice as often as the others: half, not a third.
    const n = 3 * 2 ** 30;
    let low = 0;
    for (let i = 0; i < count; i++) if (stream.below(n) < 2 ** 30) low++;
    expect(Math.abs(low - count / 3)).toBeLessThan(408);
  });

  test('shuffle: a permutation, every one of which occurs', () => {
    fc.assert(
      fc.property(seeds, fc.uint32Array({ maxLength: 40 }), (seed, rows) => {
        const shuffled = rows.slice();
        randomStream(seed, 'shuffle').shuffle(shuffled);
        expect(shuffled.toSorted()).toEqual(rows.toSorted());
      }),
    );
    const stream = randomStream(1, 'shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const rows = Uint32Array.of(0, 1, 2, 3);
      stream.shuffle(rows);
      counts.set(rows.join(''), (counts.get(rows.join('')) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 500 expected; five deviations: 5·√(12,000·23/24²) = 109.
    for (const found of counts.values()) expect(Math.abs(found - 500)).toBeLessThan(110);
  });
});

test('hashText: FNV-1a', () => {
  // From the authors' test vectors: "", "a" and "foobar".
  expect(['', 'a', 'foobar'].map(hashText)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});
