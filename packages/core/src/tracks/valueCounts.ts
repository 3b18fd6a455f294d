import { createHashIndex, doubleLength, type HashIndex } from './hashIndex.ts';

/** The values of a column so far, without their order. */
export interface ValueCounts {
  add(value: number): void;
  /** Null where there is no value. Yields every few milliseconds. */
  summarise(): Generator<void, { readonly minimum: number; readonly median: number; readonly maximum: number } | null>;
}

/** Values that are taken in together: one column's table then stays in the cache meanwhile. */
const batchLength = 4096;
/** Different values up to which they are counted, however few rows there are. */
const fewDistinct = 1 << 18;
/** Length of the pieces of a list: no piece is ever copied into a longer one. */
const pieceLength = 1 << 16;

interface List {
  readonly pieces: Float64Array[];
  count: number;
}

function append(list: List, value: number): void {
  const place = list.count++ % pieceLength;
  if (place === 0) list.pieces.push(new Float64Array(pieceLength));
  list.pieces[list.pieces.length - 1][place] = value;
}

function join({ pieces, count }: List): Float64Array {
  const values = new Float64Array(count);
  for (const [i, piece] of pieces.entries()) {
    values.set(piece.subarray(0, Math.min(pieceLength, count - i * pieceLength)), i * pieceLength);
  }
  return values;
}

/**
 * Moves values about so that `values[k]` is what it would be if they were sorted, with none above it before and none below it
 * behind (Hoare 1961, "Algorithm 65: find").
 */
function select(values: Float64Array, k: number): number {
  for (let low = 0, high = values.length - 1; low < high; ) {
    const pivot = values[k];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swapped = values[i];
      values[i++] = values[j];
      values[j--] = swapped;
    }
    if (j < k) low = i;
    if (k < i) high = j;
  }
  return values[k];
}

/**
 * Counts each different value, as long as values repeat, and keeps them all in a list from then on: three significant digits, as most
 * columns have, are some thousand values however many rows there are.
 */
export function createValueCounts(): ValueCounts {
  const batch = new Float64Array(batchLength);
  const words = new Uint32Array(batch.buffer);
  let waiting = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let total = 0;
  let index: HashIndex | null = createHashIndex();
  let counts = new Uint32Array(64);
  const list: List = { pieces: [], count: 0 };

  /** By number: the values that are counted. */
  function distinct({ count, low, high }: HashIndex): Float64Array {
    const values = new Float64Array(count());
    const valueWords = new Uint32Array(values.buffer);
    for (let i = 0; i < values.length; i++) {
      valueWords[2 * i] = low(i);
      valueWords[2 * i + 1] = high(i);
    }
    return values;
  }

  function count(table: HashIndex): void {
    for (let i = 0; i < waiting; i++) {
      const number = table.indexOf(words[2 * i], words[2 * i + 1]);
      if (number === counts.length) counts = doubleLength(counts);
      counts[number]++;
    }
  }

  function takeIn(): void {
    total += waiting;
    if (index) {
      count(index);
      // A counted value takes up to three times the memory of a listed one.
      if (index.count() > Math.max(fewDistinct, total / 3)) {
        distinct(index).forEach((value, number) => {
          for (let times = counts[number]; times > 0; times--) append(list, value);
        });
        index = null;
        counts = new Uint32Array(0);
      }
    } else for (let i = 0; i < waiting; i++) append(list, batch[i]);
    waiting = 0;
  }

  /** The values of the middle, two of them, if sorted. */
  function* findMiddle(): Generator<void, readonly [number, number]> {
    const lower = (total - 1) >> 1;
    const upper = total >> 1;
    if (index) {
      const table = index;
      const values = distinct(table).sort();
      yield;
      const valueWords = new Uint32Array(values.buffer);
      const countAt = (place: number) => counts[table.indexOf(valueWords[2 * place], valueWords[2 * place + 1])];
      let place = 0;
      let passed = countAt(0);
      while (passed <= lower) passed += countAt(++place);
      const middle = values[place];
      return [middle, passed <= upper ? values[place + 1] : middle];
    }
    const values = join(list);
    list.pieces.length = 0;
    yield;
    const middle = select(values, lower);
    yield;
    if (upper === lower) return [middle, middle];
    let next = Number.POSITIVE_INFINITY;
    for (let i = upper; i < values.length; i++) next = Math.min(next, values[i]);
    return [middle, next];
  }

  return {
    add(value) {
      // Adding 0 makes −0 the same as 0.
      batch[waiting++] = value + 0;
      if (value < minimum) minimum = value + 0;
      if (value > maximum) maximum = value + 0;
      if (waiting === batchLength) takeIn();
    },
    *summarise() {
      takeIn();
      if (total === 0) return null;
      const [lower, upper] = yield* findMiddle();
      // The sum of the two may be beyond what a number can hold.
      const middle = Number.isFinite(lower + upper) ? (lower + upper) / 2 : lower / 2 + upper / 2;
      return { minimum, median: middle, maximum };
    },
  };
}
