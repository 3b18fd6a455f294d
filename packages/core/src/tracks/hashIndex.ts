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
  /** Both words of each key. */
  let keys = new Uint32Array(128);
  /** A key's number plus 1; 0 where there is none. Twice as many as keys. */
  let slots = new Uint32Array(128);
  let count = 0;

  function slotOf(low: number, high: number): number {
    const mask = slots.length - 1;
    // Keys may be numbers, of which only some middle bits differ: each bit must reach the lower ones, which choose the slot.
    let mixed = Math.imul(low, 0xcc9e2d51) ^ Math.imul(high ^ (high >>> 16), 0x1b873593);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    mixed ^= mixed >>> 13;
    let slot = mixed & mask;
    for (let found = slots[slot]; found !== 0; found = slots[slot]) {
      if (keys[2 * found - 2] === low && keys[2 * found - 1] === high) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function grow(): void {
    keys = doubleLength(keys);
    slots = new Uint32Array(2 * slots.length);
    for (let index = 0; index < count; index++) slots[slotOf(keys[2 * index], keys[2 * index + 1])] = index + 1;
  }

  return {
    indexOf(low, high) {
      const slot = slotOf(low, high);
      if (slots[slot] !== 0) return slots[slot] - 1;
      keys[2 * count] = low;
      keys[2 * count + 1] = high;
      slots[slot] = ++count;
      if (2 * count === keys.length) grow();
      return count - 1;
    },
    count: () => count,
    low: (index) => keys[2 * index],
    high: (index) => keys[2 * index + 1],
  };
}
