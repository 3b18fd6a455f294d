import { expect, test } from 'vitest';
import { createBackend } from './backend.ts';
import { FormatError } from './errors.ts';
import { constant, loadParameters, type StoredValues } from './parameters.ts';

const specs = [
  { name: 'a', shape: [2, 3], decay: true, initialise: constant(0) },
  { name: 'b', shape: [2], decay: true, initialise: constant(0) },
];
const a = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

test('parameters are loaded by their names, in any order, single or double', () => {
  const stored: StoredValues = new Map(Object.entries({ other: a, b: { shape: [2], data: Float64Array.of(7, 8) }, a }));
  const loaded = loadParameters(createBackend('simd'), specs, stored);
  expect([...loaded].map(([name, { shape, data }]) => [name, shape, [...data]])).toEqual([
    ['a', [2, 3], [1, 2, 3, 4, 5, 6]],
    ['b', [2], [7, 8]],
  ]);
});

test.each([
  ['missing', undefined, 'got none'],
  ['of another size', { shape: [3], data: Float32Array.of(1, 2, 3) }, 'got (3)'],
  ['of another shape', { shape: [2, 1], data: Float32Array.of(1, 2) }, 'got (2, 1)'],
  ['no numbers that can be learnt', { shape: [2], data: Int32Array.of(1, 2) }, 'got Int32Array'],
])('parameters that are %s are refused', (_, b, found) => {
  const stored = new Map(Object.entries(b ? { a, b } : { a }));
  expect(() => loadParameters(createBackend('simd'), specs, stored)).toThrow(
    new FormatError('weights', `b must be float32 or float64 of shape (2), ${found}`),
  );
});
