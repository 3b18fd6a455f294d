import { actualOf } from '../../metrics/actual.ts';
import { average, sumProducts, sumSquaredDeviations } from '../../statistics/moments.ts';
import { cutFolds } from '../../tracks/folds.ts';
import { firstRows } from '../../tracks/repeats.ts';
import type { Rows, Tracks } from '../../tracks/tracks.ts';

/** How much the place of a row in its file says about its popularity. */
export interface RowOrder {
  /** Correlation of each row's popularity with the next row's; null where popularity is constant. Near 0 in shuffled files. */
  readonly autocorrelation: number | null;
  /** R² of predicting held-out rows by the mean of the training rows in the same of so many equal blocks of the file. */
  readonly blocks: readonly { readonly count: number; readonly r2: number | null }[];
  /** R² of predicting held-out rows by the mean of the two training rows nearest in the file, one on either side. */
  readonly neighbours: number | null;
}

/** Where nothing is known of it. */
export const noRowOrder: RowOrder = { autocorrelation: null, blocks: [], neighbours: null };

/** Numbers of blocks that are tried: ten is as fine as any model is allowed to see. */
const blockCounts = [10, 51, 200] as const;

const folds = 5;

function autocorrelate(values: Float64Array): number | null {
  const [earlier, later] = [values.subarray(0, -1), values.subarray(1)];
  if (earlier.length < 2) return null;
  const spread = Math.sqrt(sumSquaredDeviations(earlier) * sumSquaredDeviations(later));
  return spread === 0 ? null : sumProducts(earlier, later) / spread;
}

/** Each held-out row by the mean of its block's training rows, or of all where the block has none. */
function predictByBlock(tracks: Tracks, train: Rows, heldOut: Rows, count: number): Float64Array {
  const blockOf = (row: number) => Math.floor((row * count) / tracks.count);
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (const row of train) {
    sums[blockOf(row)] += tracks.popularity.values[row];
    counts[blockOf(row)]++;
  }
  const mean = average(actualOf(tracks, train));
  return Float64Array.from(heldOut, (row) => {
    const block = blockOf(row);
    return counts[block] > 0 ? sums[block] / counts[block] : mean;
  });
}

/** Each held-out row by the training rows just before and just after it; both lists ascend. */
function predictByNeighbours(tracks: Tracks, train: Rows, heldOut: Rows): Float64Array {
  let next = 0;
  return Float64Array.from(heldOut, (row) => {
    while (next < train.length && train[next] < row) next++;
    const beside = [train[next - 1], train[next]].filter((neighbour) => neighbour !== undefined);
    return average(Float64Array.from(beside, (neighbour) => tracks.popularity.values[neighbour]));
  });
}

/**
 * Measures the leak that a file's order is: rows sorted by popularity, or by a year and within it by popularity, let a
 * model that sees where a row stands read its popularity off its neighbours. Rows are held out in five random folds;
 * a recording counts once.
 * Throws: DataError for fewer than five songs.
 */
export function measureRowOrder(tracks: Tracks, seed: number): RowOrder {
  const rows = firstRows(tracks).filter((row) => tracks.popularity.missing[row] === 0);
  const cuts = cutFolds(tracks, rows, { kind: 'random', folds, seed });
  const explain = (predict: (train: Rows, heldOut: Rows) => Float64Array): number | null => {
    let errors = 0;
    for (const { train, heldOut } of cuts) {
      const predicted = predict(train, heldOut);
      heldOut.forEach((row, i) => {
        errors += (predicted[i] - tracks.popularity.values[row]) ** 2;
      });
    }
    const total = sumSquaredDeviations(actualOf(tracks, rows));
    return total === 0 ? null : 1 - errors / total;
  };
  return {
    autocorrelation: autocorrelate(actualOf(tracks, rows)),
    blocks: blockCounts.map((count) => ({
      count,
      r2: explain((train, heldOut) => predictByBlock(tracks, train, heldOut, count)),
    })),
    neighbours: explain((train, heldOut) => predictByNeighbours(tracks, train, heldOut)),
  };
}
