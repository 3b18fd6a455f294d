import { randomStream } from '@hitscan/mamba';
import type { ContextGroup } from '../features/context.ts';
import { createPause } from '../yieldToEvents.ts';
import { createGrower, type Tree } from './regressionTree.ts';
import type { Regressor } from './regressor.ts';
import { gatherPopularity, joinRows } from './trainingRows.ts';
import {
  encodeTable,
  type FittedTrees,
  type ForestSettings,
  fitTreeInputs,
  fittedTrees,
  forestDefaults,
} from './treeEnsemble.ts';

const deepest = 64;

/** Fewest rows in a leaf: 5, and more from 4,000 rows on, so that trees of a large table stay small. */
function chooseLeaf(rows: number): number {
  return Math.max(5, Math.ceil(Math.sqrt(rows) / 12));
}

/**
 * A random forest (Breiman 2001): the mean of trees, 300 unless said otherwise, each grown on as many rows as there are,
 * drawn with replacement, with a third of the columns competing for each split. Fitted on training and validation rows
 * together.
 *
 * A missing value takes the side of a split on which it does better. Columns are cut into at most 255 bins. The same
 * seed gives the same forest on any machine.
 */
export function forestRegressor(
  groups: readonly ContextGroup[],
  { trees: treeCount, minimumLeaf, featureShare }: ForestSettings = forestDefaults,
): Regressor<FittedTrees> {
  const name = 'forest';
  return {
    name,
    async fit(tracks, { train, validation, seed, signal }) {
      const rows = joinRows(train, validation);
      const targets = gatherPopularity(tracks, rows);
      const base = targets.reduce((sum, value) => sum + value, 0) / targets.length;
      const centred = targets.map((value) => value - base);
      const inputs = fitTreeInputs(tracks, rows, groups, seed);
      const grow = createGrower(encodeTable(inputs, tracks, rows));
      const { below } = randomStream(seed, 'forest');
      const options = {
        minimumLeaf: minimumLeaf ?? chooseLeaf(rows.length),
        maximumDepth: deepest,
        // A share such as 1/3 must not count a column more for its last bit.
        candidates: Math.ceil(featureShare * inputs.edges.length - 1e-9),
        below,
      };
      const breathe = createPause(signal);
      const trees: Tree[] = [];
      while (trees.length < treeCount) {
        const drawn = Uint32Array.from(rows, () => below(rows.length));
        trees.push(grow(centred, drawn, options));
        await breathe();
      }
      return fittedTrees(name, { inputs, trees, base, factor: 1 / treeCount });
    },
  };
}
