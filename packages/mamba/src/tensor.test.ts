import { describe, expect, test } from 'vitest';
import { createBackend } from './backend.ts';
import { ShapeError } from './errors.ts';
import { allocateParameters, fingerprint, type ParameterSpec } from './parameters.ts';
import { columnsOf, reshape, rowsOf, viewColumns } from './tensor.ts';

const names = ['reference', 'simd'] as const;

describe.each(names)('%s: tensors', (name) => {
  test('a view lies on its columns, its derivative likewise', () => {
    const { arena } = createBackend(name);
    const tensor = arena.allocate([2, 3, 5], arena.allocate([2, 3, 5]));
    tensor.data.set([...tensor.data.keys()]);
    const view = viewColumns(viewColumns(tensor, 1, 5), 1, 3);
    expect([view.shape, view.stride, rowsOf(view), columnsOf(view)]).toEqual([[2, 3, 2], 5, 6, 2]);
    expect(view.address - tensor.address).toBe(2 * tensor.data.BYTES_PER_ELEMENT);
    expect([view.data[0], view.data[1], view.data[5], view.data.length]).toEqual([2, 3, 7, 27]);
    expect(view.gradient?.stride).toBe(5);
    for (const [from, to] of [
      [-1, 2],
      [2, 2],
      [3, 6],
      [Number.NaN, 2],
    ]) {
      expect(() => viewColumns(tensor, from, to)).toThrow(ShapeError);
    }
  });

  test('another shape on the same elements, but not for views', () => {
    const { arena } = createBackend(name);
    const tensor = arena.allocate([2, 6], arena.allocate([2, 6]));
    const other = reshape(tensor, [3, 4]);
    expect([other.shape, other.stride, other.address, other.gradient?.shape]).toEqual([
      [3, 4],
      4,
      tensor.address,
      [3, 4],
    ]);
    expect(() => reshape(tensor, [3, 5])).toThrow(ShapeError);
    expect(() => reshape(viewColumns(tensor, 0, 3), [6])).toThrow(ShapeError);
  });

  test('allocations are zeroed, aligned and apart', () => {
    const { arena } = createBackend(name);
    const mark = arena.mark();
    for (let round = 0; round < 2; round++) {
      const [a, b] = [arena.allocate([5]), arena.allocate([7])];
      expect([a.address % 64, b.address % 64]).toEqual([0, 0]);
      expect(b.address - a.address).toBeGreaterThanOrEqual(a.data.byteLength);
      expect([...a.data, ...b.data].every((value) => value === 0)).toBe(true);
      a.data.fill(1);
      b.data.fill(1);
      arena.release(mark);
    }
  });

  test('parameters lie apart in one block, gaps zero', () => {
    const spec = (name: string, shape: readonly number[]): ParameterSpec => {
      return { name, shape, decay: true, initialise: () => {} };
    };
    const specs = [spec('a', [3, 5]), spec('b', [1]), spec('c', [17])];
    const { tensors, all } = allocateParameters(createBackend(name), specs);
    for (const { data, address } of tensors.values()) {
      expect(address % 64).toBe(0);
      data.fill(1);
    }
    expect([...all.data].reduce((sum, value) => sum + value, 0)).toBe(15 + 1 + 17);
    expect(() => allocateParameters(createBackend(name), [spec('a', [1]), spec('a', [2])])).toThrow(/named a/);
    expect(fingerprint(specs)).toBe(fingerprint([...specs]));
    expect(fingerprint(specs)).not.toBe(fingerprint(specs.toReversed()));
    expect(fingerprint(specs)).not.toBe(fingerprint([spec('a', [5, 3]), ...specs.slice(1)]));
  });
});

test('a WebAssembly memory grows under tensors, which stay what they are', () => {
  const { arena, kernels } = createBackend('simd');
  const early = arena.allocate([4]);
  early.data.set([1, 2, 3, 4]);
  const mark = arena.mark();
  const large = arena.allocate([3_000_000]);
  large.data.fill(1);
  const scale = arena.allocate([1]);
  kernels.adamW.clip(large, 10, scale);
  expect(scale.data[0]).toBe(Math.fround(10 / (Math.sqrt(3_000_000) + 1e-6)));
  expect(Array.from(early.data)).toEqual([1, 2, 3, 4]);
  kernels.adamW.clip(early, 1, scale);
  expect(scale.data[0]).toBe(Math.fround(1 / (Math.sqrt(30) + 1e-6)));
  arena.release(mark);
  expect(arena.mark()).toBe(mark);
});
