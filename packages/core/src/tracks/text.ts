/** A text as UTF-8 bytes within a buffer that is used again: valid only until the next row is read. */
export interface Text {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Buffers are decoded several times as fast as by TextDecoder, which is made for long texts. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A string of its own, which keeps none of the buffer alive. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return start === end ? '' : asBuffer(bytes).toString('utf8', start, end);
}

/** Makes texts from strings, in one buffer that grows as needed: each is valid until the next `write` of the same place. */
export function createTextWriter(): { write(text: Text, from: string): void } {
  const encoder = new TextEncoder();
  let scratch = Buffer.alloc(256);
  return {
    write(text, from) {
      if (3 * from.length > scratch.length) scratch = Buffer.alloc(6 * from.length);
      text.bytes = scratch;
      text.start = 0;
      text.end = encoder.encodeInto(from, scratch).written;
    },
  };
}
