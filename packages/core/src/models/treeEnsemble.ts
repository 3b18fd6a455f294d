import { z } from 'zod';
import {
  type ContextEncoder,
  type ContextGroup,
  contextSchema,
  fitContext,
  gatherInputs,
  listGroups,
  nameInputs,
} from '../features/context.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { type BinnedTable, binColumns, fitEdges } from './bins.ts';
import { addTree, type Tree } from './regressionTree.ts';
import type { FittedRegressor, SavedModel, SavedTensor } from './regressor.ts';
import { damaged, readPlain, readTensor } from './savedParts.ts';

/** What grows a random forest. */
export const forestSettingsSchema = z.strictObject({
  trees: z.int().min(1).max(5000).describe('trees whose predictions are averaged'),
  minimumLeaf: z.int().min(1).nullable().describe('fewest rows in a leaf; null for 5, and more for large tables'),
  featureShare: z.number().gt(0).max(1).describe('share of the columns that compete for a split'),
});
export type ForestSettings = z.infer<typeof forestSettingsSchema>;

export const forestDefaults: ForestSettings = { trees: 300, minimumLeaf: null, featureShare: 1 / 3 };

/** What grows boosted trees; how many is found by folds of the training rows. */
export const boostedSettingsSchema = z.strictObject({
  learningRate: z.number().gt(0).max(1).describe('what a tree counts for'),
  maximumDepth: z.int().min(1).max(16).describe('splits from a tree’s root to its leaves, at most'),
  minimumLeaf: z.int().min(1).describe('fewest rows in a leaf'),
  rowShare: z.number().gt(0).max(1).describe('share of the rows that a tree is grown on'),
});
export type BoostedSettings = z.infer<typeof boostedSettingsSchema>;

export const boostedDefaults: BoostedSettings = {
  learningRate: 0.04,
  maximumDepth: 4,
  minimumLeaf: 20,
  rowShare: 0.5,
};

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
    context: listGroups(inputs.context),
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

/** Throws: DataError where the saved model is not whole. */
export function loadTrees(name: 'forest' | 'boosted', saved: SavedModel): FittedTrees {
  const context = readPlain(saved, 'context', contextSchema);
  const edgeCounts = readPlain(saved, 'edges', counts.length(nameInputs(context).length));
  const nodeCounts = readPlain(saved, 'nodes', counts);
  const edges = cutParts(readTensor(saved, 'edges', [sumOf(edgeCounts)]), edgeCounts);
  const [splits, values, strides] = (['splits', 'values', 'strides'] as const).map((key) =>
    cutParts(readTensor(saved, key, [sumOf(nodeCounts)], 'float32'), nodeCounts),
  );
  const trees = splits.map((ofTree, i) => ({ splits: ofTree, values: values[i], strides: strides[i] }));
  if (!trees.every((tree) => leadsToLeaves(tree, edges.length))) {
    throw damaged(saved, 'tensor "splits"', 'every branch of a tree must end in a leaf, got one that does not');
  }
  const [base, factor] = readTensor(saved, 'line', [2]);
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

/** Whether a walk from the root meets known columns only, goes forward and ends. */
function leadsToLeaves({ splits, strides }: Tree, columns: number): boolean {
  const isWhole = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value < high;
  const nodes = splits.length;
  const leads = (split: number, node: number) =>
    split === -1 || (isWhole(split, 0, 2 * columns) && isWhole(strides[node], 2, nodes - node));
  return nodes > 0 && splits.every(leads);
}
