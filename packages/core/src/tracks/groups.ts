import { doubleLength } from './hashIndex.ts';
import type { Hash } from './hashText.ts';

/**
 * One number a row: equal for the rows of one group, which is named by its first row. Such a list is also a union-find
 * forest in which every root is the least of its tree.
 */
export type Groups = Uint32Array;

export function singletons(count: number): Groups {
  const groups = new Uint32Array(count);
  for (let row = 0; row < count; row++) groups[row] = row;
  return groups;
}

function findRoot(parents: Groups, row: number): number {
  let root = row;
  while (parents[root] !== root) {
    // Path halving: every other node skips to its grandparent.
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}

export function unite(parents: Groups, a: number, b: number): void {
  const rootA = findRoot(parents, a);
  const rootB = findRoot(parents, b);
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

/** Makes every row name its group. */
export function settle(parents: Groups): Groups {
  for (let row = 0; row < parents.length; row++) parents[row] = findRoot(parents, row);
  return parents;
}

export function countGroups(groups: Groups): number {
  let count = 0;
  for (let row = 0; row < groups.length; row++) if (groups[row] === row) count++;
  return count;
}

/** A key of 64 bits for each row, 0 where it has none. */
export interface KeyColumn {
  add(key: Hash): void;
  /** Takes the keys of all rows so far away. */
  clear(): void;
  /** Unites the rows of equal keys. Yields every few milliseconds. */
  unite(parents: Groups): Generator<void>;
}

/** Rows that are looked at between two yields, and those of one part: about what a core's cache holds. */
const partRows = 1 << 15;

export function createKeyColumn(): KeyColumn {
  let lows = new Uint32Array(64);
  let highs = new Uint32Array(64);
  let count = 0;

  /** Rows with a key, and their keys, by the upper bits of these, so that each part is looked up in a table that fits a cache. */
  function* sortIntoParts(bits: number) {
    const partOf = (row: number) => (bits === 0 ? 0 : highs[row] >>> (32 - bits));
    const starts = new Uint32Array(2 ** bits + 1);
    for (let row = 0; row < count; row++) {
      if ((lows[row] | highs[row]) !== 0) starts[partOf(row) + 1]++;
      if (row % partRows === 0) yield;
    }
    for (let part = 1; part < starts.length; part++) starts[part] += starts[part - 1];
    const next = starts.slice();
    const keyed = starts[starts.length - 1];
    const sorted = {
      starts,
      rows: new Uint32Array(keyed),
      lows: new Uint32Array(keyed),
      highs: new Uint32Array(keyed),
    };
    for (let row = 0; row < count; row++) {
      if ((lows[row] | highs[row]) !== 0) {
        const place = next[partOf(row)]++;
        sorted.rows[place] = row;
        sorted.lows[place] = lows[row];
        sorted.highs[place] = highs[row];
      }
      if (row % partRows === 0) yield;
    }
    return sorted;
  }

  return {
    add(key) {
      if (count === lows.length) {
        lows = doubleLength(lows);
        highs = doubleLength(highs);
      }
      lows[count] = key[0];
      highs[count] = key[1];
      count++;
    },
    clear() {
      lows.fill(0, 0, count);
      highs.fill(0, 0, count);
    },
    *unite(parents) {
      const bits = Math.max(0, Math.ceil(Math.log2(count / partRows)));
      const sorted = yield* sortIntoParts(bits);
      const { starts } = sorted;
      let largest = 1;
      for (let part = 1; part < starts.length; part++) largest = Math.max(largest, starts[part] - starts[part - 1]);
      /** A place plus 1, by hash; 0 where there is none. */
      const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * largest)));
      const mask = slots.length - 1;
      for (let part = 0; part < starts.length - 1; part++) {
        slots.fill(0);
        for (let place = starts[part]; place < starts[part + 1]; place++) {
          const low = sorted.lows[place];
          const high = sorted.highs[place];
          let slot = low & mask;
          let found = slots[slot];
          while (found !== 0 && !(sorted.lows[found - 1] === low && sorted.highs[found - 1] === high)) {
            slot = (slot + 1) & mask;
            found = slots[slot];
          }
          if (found === 0) slots[slot] = place + 1;
          else unite(parents, sorted.rows[found - 1], sorted.rows[place]);
        }
        yield;
      }
    },
  };
}
