/** Numbers 64-bit keys from 0 in the order in which they first come. */
export interface HashIndex {
  /** The number of a key, a new one where it has none yet. */
  indexOf(low: number, high: number): number;
  count(): number;
  /** The words of the key with a number. */
  low(index: number): number;
  high(index: number): number;
}

/** Grows a typed array by copying it into one twice as long. */
export function doubleLength(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * array.length);
  grown.set(array);
  return grown;
}

/** By open addressing in typed arrays: a Map takes five times the memory, and no more than 16 million keys. */
export function createHashIndex(): HashIndex {
  let lows = new Uint32Array(64);
  let highs = new Uint32Array(64);
  /** A key's number plus 1; 0 where there is none. Twice as many as keys. */
  let slots = new Uint32Array(128);
  let count = 0;

  function slotOf(low: number, high: number): number {
    const mask = slots.length - 1;
    let mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    mixed ^= mixed >>> 15;
    let slot = mixed & mask;
    for (let found = slots[slot]; found !== 0; found = slots[slot]) {
      if (lows[found - 1] === low && highs[found - 1] === high) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function grow(): void {
    lows = doubleLength(lows);
    highs = doubleLength(highs);
    slots = new Uint32Array(2 * slots.length);
    for (let index = 0; index < count; index++) slots[slotOf(lows[index], highs[index])] = index + 1;
  }

  return {
    indexOf(low, high) {
      const slot = slotOf(low, high);
      if (slots[slot] !== 0) return slots[slot] - 1;
      lows[count] = low;
      highs[count] = high;
      slots[slot] = ++count;
      if (count === lows.length) grow();
      return count - 1;
    },
    count: () => count,
    low: (index) => lows[index],
    high: (index) => highs[index],
  };
}
