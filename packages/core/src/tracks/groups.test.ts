import { randomStream } from '@hitscan/mamba';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workAtOnce } from '../yieldToEvents.ts';
import { countGroups, createKeyColumn, settle, singletons } from './groups.ts';
import { createHashIndex } from './hashIndex.ts';
import { hashBytes, hashWords } from './hashText.ts';

/** Each row's first row of the same key, by definition. */
function define(keys: readonly number[]): number[] {
  const first = new Map<number, number>();
  return keys.map((key, row) => {
    if (key === 0) return row;
    if (!first.has(key)) first.set(key, row);
    return first.get(key) as number;
  });
}

function group(keys: readonly number[]): number[] {
  const column = createKeyColumn();
  // Keys that share their lower word, and others that share their upper one.
  for (const key of keys) column.add(Uint32Array.of(key % 3, Math.floor(key / 3) * 0x40000000));
  const parents = singletons(keys.length);
  workAtOnce(column.unite(parents));
  return [...settle(parents)];
}

test('rows of equal keys are one group, those without a key none', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(11), { maxLength: 200 }), (keys) => {
      expect(group(keys)).toEqual(define(keys));
    }),
    { seed: 1 },
  );
});

test('so they are in a table that is looked up in parts', () => {
  const random = randomStream(1, 'keys');
  const keys = Array.from({ length: 200_000 }, () => random.below(12));
  expect(group(keys)).toEqual(define(keys));
});

test('keys that were taken away unite nothing', () => {
  const column = createKeyColumn();
  column.add(Uint32Array.of(1, 1));
  column.clear();
  column.add(Uint32Array.of(1, 1));
  column.add(Uint32Array.of(1, 1));
  const parents = singletons(3);
  workAtOnce(column.unite(parents));
  expect([...settle(parents)]).toEqual([0, 1, 1]);
  expect(countGroups(parents)).toBe(2);
});

test('a hash index numbers keys as they first come', () => {
  const words = fc.constantFrom(0, 1, 2, 0x80000000, 0xffffffff);
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words), { maxLength: 300 }), (keys) => {
      const index = createHashIndex();
      const distinct = [...new Set(keys.map(String))];
      for (const [low, high] of keys) {
        const number = index.indexOf(low, high);
        expect(number).toBe(distinct.indexOf(String([low, high])));
        expect([index.low(number), index.high(number)]).toEqual([low, high]);
      }
      expect(index.count()).toBe(distinct.length);
    }),
    { seed: 1 },
  );
});

test('hashes of many different texts and numbers all differ', () => {
  const texts = createHashIndex();
  const numbers = createHashIndex();
  const hash = new Uint32Array(2);
  const value = new Float64Array(1);
  for (let i = 0; i < 300_000; i++) {
    const bytes = Buffer.from(`Song No. ${i}`);
    hash.fill(0);
    hashBytes(bytes, 0, bytes.length, hash);
    texts.indexOf(hash[0], hash[1]);
    value[0] = i / 1000;
    hash.fill(0);
    hashWords(new Uint32Array(value.buffer), hash);
    numbers.indexOf(hash[0], hash[1]);
  }
  expect([texts.count(), numbers.count()]).toEqual([300_000, 300_000]);
});
