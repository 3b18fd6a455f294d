/** A hash of 64 bits as two words. Both 0 stand for no key. */
export type Hash = Uint32Array;

/**
 * Hashes bytes, after `into`'s own two words, into `into`. Hashes of different texts are equal by chance alone: among 10 million,
 * with a chance of 3 in a million that any two are.
 * Source: cyrb53 (bryc 2018), with all 64 bits kept: two multiplicative hashes, mixed at the end as in MurmurHash3.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, into: Hash): void {
  let a = 0xdeadbeef ^ into[0];
  let b = 0x41c6ce57 ^ into[1];
  for (let at = start; at < end; at++) {
    a = Math.imul(a ^ bytes[at], 2654435761);
    b = Math.imul(b ^ bytes[at], 1597334677);
  }
  finish(a, b, into);
}

/** The same for words of 32 bits. */
export function hashWords(words: Uint32Array, into: Hash): void {
  let a = 0xdeadbeef ^ into[0];
  let b = 0x41c6ce57 ^ into[1];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    // Multiplication moves differences up only, and the numbers of a table differ most in their upper bits.
    a = Math.imul(a ^ word ^ (word >>> 15), 2654435761);
    a ^= a >>> 17;
    b = Math.imul(b ^ word ^ (word >>> 13), 1597334677);
    b ^= b >>> 15;
  }
  finish(a, b, into);
}

function finish(a: number, b: number, into: Hash): void {
  const low = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const high = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  into[0] = low;
  into[1] = low === 0 && high === 0 ? 1 : high;
}
