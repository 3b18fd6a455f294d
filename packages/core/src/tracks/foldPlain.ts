/** What becomes of an ASCII character of a name; of one that is `special`, that depends on others. */
const special = 0;
const kept = 1;
const removed = 2;
const blank = 3;

const space = 32;
const dash = 45;

function classify(code: number): number {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9$+<=>^|~]/.test(character)) return kept;
  if (/['`.]/.test(character)) return removed;
  // Brackets, semicolons and `&` mean something to keys of titles and artists.
  return /[ !"#%*,\-/:?@\\_]/.test(character) ? blank : special;
}

const classes = Uint8Array.from({ length: 256 }, (_, code) => classify(code));

/** Longest text that is folded here; a longer one is no name. */
export const longestPlain = 1000;

/**
 * Folds a name to its key where that is plain work: ASCII without brackets, without a note after a dash, without guests. Then
 * the key of a title and that of an artist are the same, `foldName` of it. Gives the key's length in `into`, or −1 where
 * `titleKey` and `artistKey` must look closer. `into` must hold 1000 bytes.
 */
export function foldPlain(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  if (end - start > longestPlain) return -1;
  let length = 0;
  let waiting = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    const kind = classes[byte];
    if (kind === kept) {
      if (waiting && length > 0) into[length++] = space;
      waiting = false;
      into[length++] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
    } else if (kind === blank) {
      waiting = true;
      if (byte === space && at + 1 < end) {
        const next = bytes[at + 1] | 32;
        // `feat.`, `ft.` and `featuring` begin so.
        const mayBeGuests =
          next === 102 && at + 2 < end && ((bytes[at + 2] | 32) === 101 || (bytes[at + 2] | 32) === 116);
        if (mayBeGuests || (bytes[at + 1] === dash && bytes[at + 2] === space)) return -1;
      }
    } else if (kind === special) return -1;
  }
  // A name of punctuation alone keeps it.
  return length === 0 && end > start ? -1 : length;
}
