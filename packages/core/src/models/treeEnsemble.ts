import { z } from 'zod';
import {
  type ContextEncoder,
  type ContextGroup,
  contextSchema,
  fitContext,
  gatherInputs,
  nameInputs,
} from '../features/context.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { type BinnedTable, binColumns, fitEdges } from './bins.ts';
import { addTree, type Tree } from './regressionTree.ts';
import type { FittedRegressor, SavedModel, SavedTensor } from './regressor.ts';
import { damaged, readName, readPlain, readTensor } from './savedParts.ts';

/** How tracks become the codes that trees are grown on. */
export interface TreeInputs {
  readonly context: ContextEncoder;
  /** Of the bins of each input column. */
  readonly edges: readonly Float64Array[];
}

/** Fits on the given rows only: the training rows. */
export function fitTreeInputs(tracks: Tracks, rows: Rows, groups: readonly ContextGroup[], seed: number): TreeInputs {
  const context = fitContext(tracks, rows, groups, seed);
  return { context, edges: gatherColumns(context, tracks, rows).map(fitEdges) };
}

export function encodeTable({ context, edges }: TreeInputs, tracks: Tracks, rows: Rows): BinnedTable {
  return binColumns(gatherColumns(context, tracks, rows), edges);
}

/** Each input column over the rows, NaN where missing; key, mode and time signature as integers. */
function gatherColumns(context: ContextEncoder, tracks: Tracks, rows: Rows): Float64Array[] {
  const inputs = gatherInputs(context, tracks, rows);
  return nameInputs(context).map((name) => {
    const { values, missing } = inputs[name];
    return Float64Array.from(rows, (row) => (missing[row] ? Number.NaN : values[row]));
  });
}

/** Predicts `base` + `factor` · the sum of the trees. */
export interface TreeEnsemble {
  readonly inputs: TreeInputs;
  readonly trees: readonly Tree[];
  readonly base: number;
  readonly factor: number;
}

export interface FittedTrees extends FittedRegressor {
  readonly treeCount: number;
}

export function fittedTrees(name: string, { inputs, trees, base, factor }: TreeEnsemble): FittedTrees {
  return {
    name,
    treeCount: trees.length,
    predict(tracks, rows) {
      const predicted = new Float64Array(rows.length).fill(base);
      const table = encodeTable(inputs, tracks, rows);
      for (const tree of trees) addTree(tree, table, factor, predicted);
      return predicted;
    },
    save: () => ({
      tensors: new Map([
        store('edges', Float64Array.from(inputs.edges.flatMap((edges) => [...edges]))),
        store('line', Float64Array.of(base, factor)),
        store('splits', joinNodes(trees, 'splits')),
        store('values', joinNodes(trees, 'values')),
        store('strides', joinNodes(trees, 'strides')),
      ]),
      metadata: {
        model: name,
        context: JSON.stringify(inputs.context),
        edges: JSON.stringify(inputs.edges.map(({ length }) => length)),
        nodes: JSON.stringify(trees.map(({ splits }) => splits.length)),
      },
    }),
  };
}

function store(name: string, data: SavedTensor['data']): [string, SavedTensor] {
  return [name, { shape: [data.length], data }];
}

function joinNodes(trees: readonly Tree[], key: keyof Tree): Float32Array {
  const joined = new Float32Array(trees.reduce((sum, { splits }) => sum + splits.length, 0));
  let at = 0;
  for (const tree of trees) {
    joined.set(tree[key], at);
    at += tree[key].length;
  }
  return joined;
}

const counts = z.array(z.int().min(0));

/** The inverse of `save`. Throws: DataError for a model of another name, or one that is not whole. */
export function loadTrees(name: string, saved: SavedModel): FittedTrees {
  readName(saved, name);
  const context = readPlain(saved, 'context', contextSchema);
  const edgeCounts = readPlain(saved, 'edges', counts.length(nameInputs(context).length));
  const nodeCounts = readPlain(saved, 'nodes', counts);
  const edges = cutParts(readTensor(saved, 'edges', sumOf(edgeCounts)), edgeCounts);
  const [splits, values, strides] = (['splits', 'values', 'strides'] as const).map((key) =>
    cutParts(readNodes(saved, key, sumOf(nodeCounts)), nodeCounts),
  );
  const trees = splits.map((ofTree, i) => ({ splits: ofTree, values: values[i], strides: strides[i] }));
  if (!trees.every((tree) => leadsToLeaves(tree, edges.length))) {
    throw damaged(saved, 'tensor "splits"', 'every branch of a tree must end in a leaf, got one that does not');
  }
  const [base, factor] = readTensor(saved, 'line', 2);
  return fittedTrees(name, { inputs: { context, edges }, trees, base, factor });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}

function cutParts<T extends Float32Array | Float64Array>(joined: T, lengths: readonly number[]): T[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return joined.slice(end - length, end) as T;
  });
}

function readNodes(saved: SavedModel, key: string, length: number): Float32Array {
  const data = saved.tensors.get(key)?.data;
  if (data instanceof Float32Array && data.length === length && data.every(Number.isFinite)) return data;
  throw damaged(saved, `tensor "${key}"`, `must hold ${length} finite float32 values`);
}

/** Whether a walk from the root meets known columns only, goes forward and ends. */
function leadsToLeaves({ splits, strides }: Tree, columns: number): boolean {
  const isWhole = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value < high;
  const nodes = splits.length;
  const leads = (split: number, node: number) =>
    split === -1 || (isWhole(split, 0, 2 * columns) && isWhole(strides[node], 2, nodes - node));
  return nodes > 0 && splits.every(leads);
}
