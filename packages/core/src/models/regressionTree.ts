import type { BinnedTable } from './bins.ts';

/**
 * A binary regression tree in preorder: a split's left child is the next node.
 * float32 values, as they are stored, so that a tree predicts the same before and after.
 */
export interface Tree {
  /** (nodes): −1 at a leaf; else twice the column, plus 1 where a missing value goes left. */
  readonly splits: Float32Array;
  /** (nodes): a leaf's prediction; a split's last code that goes left. */
  readonly values: Float32Array;
  /** (nodes): how many nodes further on a split's right child is; 0 at a leaf. */
  readonly strides: Float32Array;
}

export interface GrowOptions {
  /** Fewest rows in a leaf, a row counted as often as it was drawn. */
  readonly minimumLeaf: number;
  readonly maximumDepth: number;
  /** Columns that compete for a split, drawn anew each time; more are looked at only until one can be split. */
  readonly candidates: number;
  /** A uniform whole number below n. */
  below(n: number): number;
}

/** Squares that a split must save, as a share of the root's: below lies rounding. */
const leastGain = 1e-12;

/**
 * Prepares to grow trees on one table; the result grows one. A tree minimises the squared error, split by split.
 *
 * Every code of a column is tried as a split; where rows of the node miss the column's value, they are tried on either
 * side, and where none does, a later one goes with the greater half. Of equal splits the first found stands. Histograms
 * of a node hold only the codes that occur in it, so that small nodes cost little. Only sums, products and quotients are
 * used: the same draws give the same tree on any machine.
 * Shapes: targets (rows of the table); drawn, the rows to grow on, at most as many, repeats allowed.
 */
export function createGrower(
  table: BinnedTable,
): (targets: Float64Array, drawn: Uint32Array, options: GrowOptions) => Tree {
  const { codes } = table;
  let splits = new Float32Array(1024);
  let values = new Float32Array(1024);
  let strides = new Float32Array(1024);
  let nodes = 0;
  const sums = new Float64Array(256);
  const counts = new Uint32Array(256);
  const occurring = new Uint32Array(8);
  const columns = Uint32Array.from(codes.keys());
  const moved = new Uint32Array(table.rows);
  const best = { gain: 0, column: -1, cut: 0, missingLeft: false };

  function addNode(): number {
    if (nodes === splits.length) {
      splits = enlarge(splits);
      values = enlarge(values);
      strides = enlarge(strides);
    }
    return nodes++;
  }

  /** Sums the targets by code, and marks the codes that occur. */
  function fillHistogram(column: Uint8Array, targets: Float64Array, rows: Uint32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const code = column[row];
      sums[code] += targets[row];
      counts[code]++;
      occurring[code >>> 5] |= 1 << (code & 31);
    }
  }

  /** Looks for a better cut than the best so far, and empties the histogram. Whether the column can be cut at all. */
  function scanHistogram(column: number, count: number, sum: number, minimumLeaf: number): boolean {
    const missingCount = counts[0];
    const missingSum = sums[0];
    let leftCount = 0;
    let leftSum = 0;
    let possible = false;
    const whole = (sum * sum) / count;
    const consider = (code: number, n: number, s: number, missingLeft: boolean) => {
      const right = count - n;
      if (n < minimumLeaf || right < minimumLeaf) return;
      possible = true;
      const gain = (s * s) / n + ((sum - s) * (sum - s)) / right - whole;
      if (gain > best.gain) {
        best.gain = gain;
        best.column = column;
        best.cut = code;
        best.missingLeft = missingCount > 0 ? missingLeft : n >= right;
      }
    };
    for (let word = 0; word < 8; word++) {
      let bits = occurring[word];
      occurring[word] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        bits ^= lowest;
        const code = (word << 5) + 31 - Math.clz32(lowest);
        if (code > 0) {
          leftCount += counts[code];
          leftSum += sums[code];
        }
        sums[code] = 0;
        counts[code] = 0;
        // At code 0 nothing but the missing rows can go left.
        if (code > 0) consider(code, leftCount, leftSum, false);
        if (missingCount > 0) consider(code, leftCount + missingCount, leftSum + missingSum, true);
      }
    }
    return possible;
  }

  /** Moves the rows that go left before the others, both in their order; returns where the others begin. */
  function partition(rows: Uint32Array, from: number, to: number): number {
    const column = codes[best.column];
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const code = column[row];
      if (code === 0 ? best.missingLeft : code <= best.cut) rows[left++] = row;
      else moved[right++] = row;
    }
    rows.set(moved.subarray(0, right), left);
    return left;
  }

  return (targets, drawn, { minimumLeaf, maximumDepth, candidates, below }) => {
    const rows = drawn.slice();
    let squares = 0;
    for (const row of rows) squares += targets[row] * targets[row];
    nodes = 0;
    const pending = [{ from: 0, to: rows.length, depth: 0, parent: -1 }];
    for (let node = pending.pop(); node; node = pending.pop()) {
      const { from, to, depth, parent } = node;
      const count = to - from;
      let sum = 0;
      for (let i = from; i < to; i++) sum += targets[rows[i]];
      const at = addNode();
      strides[at] = 0;
      if (parent >= 0) strides[parent] = at - parent;
      best.gain = leastGain * squares;
      best.column = -1;
      if (count >= 2 * minimumLeaf && depth < maximumDepth) {
        let looked = 0;
        for (let k = 0; k < columns.length && looked < candidates; k++) {
          // Where all compete, their order is the table's.
          const other = candidates < columns.length ? k + below(columns.length - k) : k;
          const column = columns[other];
          columns[other] = columns[k];
          columns[k] = column;
          fillHistogram(codes[column], targets, rows, from, to);
          if (scanHistogram(column, count, sum, minimumLeaf)) looked++;
        }
      }
      if (best.column < 0) {
        splits[at] = -1;
        values[at] = sum / count;
        continue;
      }
      splits[at] = 2 * best.column + (best.missingLeft ? 1 : 0);
      values[at] = best.cut;
      const middle = partition(rows, from, to);
      // The left child is taken from the pile first, and so is the next node.
      pending.push({ from: middle, to, depth: depth + 1, parent: at });
      pending.push({ from, to: middle, depth: depth + 1, parent: -1 });
    }
    return { splits: splits.slice(0, nodes), values: values.slice(0, nodes), strides: strides.slice(0, nodes) };
  };
}

function enlarge(values: Float32Array): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * values.length);
  larger.set(values);
  return larger;
}

/** Adds `factor` times what the tree predicts for each row of a table. Shape: sums (rows). */
export function addTree(
  { splits, values, strides }: Tree,
  table: BinnedTable,
  factor: number,
  sums: Float64Array,
): void {
  for (let row = 0; row < table.rows; row++) {
    let node = 0;
    for (let split = splits[0]; split >= 0; split = splits[node]) {
      const code = table.codes[split >> 1][row];
      const left = code === 0 ? (split & 1) === 1 : code <= values[node];
      node += left ? 1 : strides[node];
    }
    sums[row] += factor * values[node];
  }
}
