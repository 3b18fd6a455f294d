/** A text as UTF-8 bytes within a buffer that is used again: valid only until the next row is read. */
export interface Text {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Bytes up to which a text is decoded by its character codes: a TextDecoder takes twice as long for so few. */
const shortText = 64;

/** By length. */
const scratchCodes = Array.from({ length: shortText + 1 }, (_, length) => new Array<number>(length).fill(0));

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A string of its own, which keeps none of the buffer alive. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length <= shortText) {
    const codes = scratchCodes[length];
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[start + i];
      seen |= byte;
      codes[i] = byte;
    }
    if (seen < 128) return String.fromCharCode(...codes);
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** Makes texts from strings, in one buffer that grows as needed: each is valid until the next `write` of the same place. */
export function createTextWriter(): { write(text: Text, from: string): void } {
  const encoder = new TextEncoder();
  let scratch = new Uint8Array(256);
  return {
    write(text, from) {
      if (3 * from.length > scratch.length) scratch = new Uint8Array(6 * from.length);
      text.bytes = scratch;
      text.start = 0;
      text.end = encoder.encodeInto(from, scratch).written;
    },
  };
}
