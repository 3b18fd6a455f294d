import { randomStream } from '@hitscan/mamba';
import type { ContextGroup } from '../features/context.ts';
import type { Rows, Tracks } from '../tracks/tracks.ts';
import { createPause } from '../yieldToEvents.ts';
import { addTree, createGrower, type Tree } from './regressionTree.ts';
import type { Regressor } from './regressor.ts';
import { cutInnerFolds, gatherPopularity, joinRows } from './trainingRows.ts';
import {
  type BoostedSettings,
  boostedDefaults,
  encodeTable,
  type FittedTrees,
  fitTreeInputs,
  fittedTrees,
  type TreeInputs,
} from './treeEnsemble.ts';

const mostTrees = 500;
/** The search for the number of trees ends after so many without a smaller error. */
const patience = 50;

/** A boosting under way. */
interface Booster {
  readonly inputs: TreeInputs;
  /** The mean of the training rows. */
  readonly base: number;
  /** Grows one more tree on what those before it left over. */
  grow(): Tree;
}

/** What all fits of one regressor share. */
interface Boosting {
  readonly groups: readonly ContextGroup[];
  readonly settings: BoostedSettings;
  readonly seed: number;
}

function startBooster(tracks: Tracks, rows: Rows, { groups, settings, seed }: Boosting): Booster {
  const { learningRate, maximumDepth, minimumLeaf, rowShare } = settings;
  const targets = gatherPopularity(tracks, rows);
  const base = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  const fittedSoFar = new Float64Array(rows.length).fill(base);
  const inputs = fitTreeInputs(tracks, rows, groups, seed);
  const table = encodeTable(inputs, tracks, rows);
  const growTree = createGrower(table);
  const { below, shuffle } = randomStream(seed, 'boosting');
  const order = Uint32Array.from(rows.keys());
  const options = { minimumLeaf, maximumDepth, candidates: inputs.edges.length, below };
  return {
    inputs,
    base,
    grow() {
      shuffle(order);
      const residuals = targets.map((value, i) => value - fittedSoFar[i]);
      const tree = growTree(residuals, order.subarray(0, Math.ceil(rowShare * order.length)), options);
      addTree(tree, table, learningRate, fittedSoFar);
      return tree;
    },
  };
}

/** The number of trees that has the least squared error over the folds. */
async function chooseTreeCount(
  tracks: Tracks,
  rows: Rows,
  boosting: Boosting,
  breathe: () => Promise<void>,
): Promise<number> {
  const { learningRate } = boosting.settings;
  const folds = cutInnerFolds(tracks, rows, boosting.seed).map(({ train, heldOut }) => {
    const booster = startBooster(tracks, train, boosting);
    return {
      booster,
      table: encodeTable(booster.inputs, tracks, heldOut),
      actual: gatherPopularity(tracks, heldOut),
      predicted: new Float64Array(heldOut.length).fill(booster.base),
    };
  });
  let best = 0;
  let leastError = Number.POSITIVE_INFINITY;
  for (let count = 0; count <= mostTrees && count <= best + patience; count++) {
    let error = 0;
    for (const { booster, table, actual, predicted } of folds) {
      if (count > 0) addTree(booster.grow(), table, learningRate, predicted);
      for (let i = 0; i < actual.length; i++) error += (predicted[i] - actual[i]) ** 2;
    }
    if (error < leastError) {
      leastError = error;
      best = count;
    }
    await breathe();
  }
  return best;
}

/**
 * Gradient-boosted trees for the squared error (Friedman 2002): each of depth 4, grown on half of the rows, counts for
 * 0.04, unless said otherwise. Their number is that of least error over five folds of the training rows, repeats of a song
 * together, at most 500. Fitted on training and validation rows together. Predictions are not clipped to 0–100.
 *
 * A missing value takes the side of a split on which it does better. Columns are cut into at most 255 bins. The same
 * seed gives the same trees on any machine.
 */
export function boostedRegressor(
  groups: readonly ContextGroup[],
  settings: BoostedSettings = boostedDefaults,
): Regressor<FittedTrees> {
  const name = 'boosted';
  return {
    name,
    async fit(tracks, { train, validation, seed, signal }) {
      const rows = joinRows(train, validation);
      const breathe = createPause(signal);
      const treeCount = await chooseTreeCount(tracks, rows, { groups, settings, seed }, breathe);
      const booster = startBooster(tracks, rows, { groups, settings, seed });
      const trees: Tree[] = [];
      while (trees.length < treeCount) {
        trees.push(booster.grow());
        await breathe();
      }
      return fittedTrees(name, { inputs: booster.inputs, trees, base: booster.base, factor: settings.learningRate });
    },
  };
}
