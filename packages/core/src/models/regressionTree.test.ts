import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeRandom } from '../../testing/madeTracks.ts';
import { binColumns, fitEdges } from './bins.ts';
import { addTree, createGrower, type GrowOptions } from './regressionTree.ts';

interface GoldenTree {
  readonly minimumLeaf: number;
  readonly depth: number | null;
  readonly leaves: number;
  readonly predicted: readonly number[];
}
const golden: {
  rows: number;
  columns: number;
  y: number[];
  trees: { name: string; x: (number | null)[]; fits: GoldenTree[] }[];
} = JSON.parse(readFileSync(new URL('golden/baselines.json', import.meta.url), 'utf8'));

const first = () => 0;
const rowsOf = (count: number) => Uint32Array.from({ length: count }, (_, row) => row);

function growOn(columns: readonly Float64Array[], y: Float64Array, options: Partial<GrowOptions> = {}) {
  const table = binColumns(columns, columns.map(fitEdges));
  const grow = createGrower(table);
  const tree = grow(y, rowsOf(y.length), {
    minimumLeaf: 1,
    maximumDepth: 99,
    candidates: columns.length,
    below: first,
    ...options,
  });
  const predicted = new Float64Array(y.length);
  addTree(tree, table, 1, predicted);
  return { tree, predicted, leaves: tree.splits.filter((split) => split < 0).length };
}

describe.each(golden.trees)('golden values $name', ({ x, fits }) => {
  const columns = Array.from({ length: golden.columns }, (_, j) =>
    Float64Array.from({ length: golden.rows }, (_, row) => x[row * golden.columns + j] ?? Number.NaN),
  );
  test.each(fits)(
    'leaves of at least $minimumLeaf, depth $depth: scikit-learn’s tree',
    ({ minimumLeaf, depth, leaves, predicted }) => {
      const found = growOn(columns, Float64Array.from(golden.y), { minimumLeaf, maximumDepth: depth ?? 99 });
      expect(found.leaves).toBe(leaves);
      // A leaf's value is kept as float32: 6e-8 of about 100.
      predicted.forEach((value, row) => {
        expect(Math.abs(found.predicted[row] - value), `row ${row}`).toBeLessThan(1e-5);
      });
    },
  );
});

test('rows count as often as they were drawn, and those not drawn not at all', () => {
  const x = Float64Array.of(1, 2, 3, 4);
  const table = binColumns([x], [fitEdges(x)]);
  const tree = createGrower(table)(Float64Array.of(0, 9, 12, 1000), Uint32Array.of(0, 1, 1, 2), {
    minimumLeaf: 2,
    maximumDepth: 9,
    candidates: 1,
    below: first,
  });
  const sums = new Float64Array(4);
  addTree(tree, table, 2, sums);
  // Leaves of two: {0} has one row, so {0, 1, 1} and {2} or {0} and {1, 1, 2} are too small on one side: no split.
  expect([...sums]).toEqual([15, 15, 15, 15]);
});

test('missing values take the better side, and later ones the greater where none was missing', () => {
  const y = Float64Array.of(0, 0, 0, 10, 10, 10, 10, 10);
  const gaps = Float64Array.of(1, 2, 3, 4, 5, 6, Number.NaN, Number.NaN);
  expect([...growOn([gaps], y).predicted]).toEqual([...y]);
  const low = Float64Array.of(10, 10, 10, 0, 0, 0, 10, 10);
  expect([...growOn([gaps], low).predicted]).toEqual([...low]);
  // Only the missing rows differ.
  const apart = Float64Array.of(5, 5, 5, 5, 5, 5, 0, 0);
  expect([...growOn([gaps], apart).predicted]).toEqual([...apart]);

  const known = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const { tree } = growOn([known], y);
  const later = new Float64Array(1);
  addTree(tree, binColumns([Float64Array.of(Number.NaN)], [fitEdges(known)]), 1, later);
  expect(later[0]).toBe(10);
});

test('a constant target or a constant column leaves one leaf; without candidates enough, others are tried', () => {
  const x = Float64Array.of(1, 2, 3, 4);
  expect(
    growOn(
      [x],
      x.map(() => 0.1),
    ).leaves,
  ).toBe(1);
  expect(growOn([x.map(() => 3), x.map(() => Number.NaN)], x).leaves).toBe(1);
  // The first column looked at is constant: the second is looked at as well.
  expect(growOn([x.map(() => 3), x], x, { candidates: 1 }).leaves).toBe(4);
});

describe('bins', () => {
  test('few values have an edge between every two, a value lies on the side of its like', () => {
    const edges = fitEdges(Float64Array.of(3, 1, Number.NaN, 2, 2, 3));
    expect([...edges]).toEqual([1.5, 2.5]);
    const { codes } = binColumns([Float64Array.of(Number.NaN, 0, 1, 1.5, 2, 2.6, 9)], [edges]);
    expect([...codes[0]]).toEqual([0, 1, 1, 1, 2, 3, 3]);
    expect(fitEdges(Float64Array.of(Number.NaN)).length).toBe(0);
    expect(fitEdges(Float64Array.of(4, 4)).length).toBe(0);
  });

  test('many values share 255 bins about equally, however often one of them occurs', () => {
    const random = makeRandom(51);
    const values = Float64Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 0.5 : random() ** 3));
    const edges = fitEdges(values);
    expect(edges.length).toBeLessThanOrEqual(254);
    expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true);
    const counts = new Uint32Array(256);
    for (const code of binColumns([values], [edges]).codes[0]) counts[code]++;
    // 20,000 / 255 = 78 a bin, but for the bin of the one value that half of the rows have.
    const [largest, second] = counts.toSorted().reverse();
    expect(largest).toBeGreaterThanOrEqual(10_000);
    expect(largest).toBeLessThan(10_000 + 2 * 79);
    expect(second).toBeLessThan(2 * 79);
    expect(counts[0]).toBe(0);
  });

  test('neighbouring numbers, between which no number lies, stay apart', () => {
    const [low, high] = [1, 1 + Number.EPSILON];
    const { codes } = binColumns([Float64Array.of(low, high)], [fitEdges(Float64Array.of(low, high))]);
    expect([...codes[0]]).toEqual([1, 2]);
  });
});
