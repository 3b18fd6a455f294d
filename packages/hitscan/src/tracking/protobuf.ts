// Protocol buffers, as far as event files need them: messages are written field by field and never read.

const encoder = new TextEncoder();

/** A whole number from 0 in groups of seven bits, the last without the mark that more follow. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** Wire types: how a field's length is known. */
const [asVarint, as64Bits, asBytes, as32Bits] = [0, 1, 2, 5];

function field(number: number, wireType: number, bytes: Iterable<number>): number[] {
  return [...varint(number * 8 + wireType), ...bytes];
}

function numberBytes(size: 4 | 8, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
}

export const integerField = (number: number, value: number): number[] => field(number, asVarint, varint(value));
export const floatField = (number: number, value: number): number[] => field(number, as32Bits, numberBytes(4, value));
export const doubleField = (number: number, value: number): number[] => field(number, as64Bits, numberBytes(8, value));

/** A message within a message, or plain bytes. */
export const bytesField = (number: number, bytes: ArrayLike<number>): number[] =>
  field(number, asBytes, [...varint(bytes.length), ...Array.from(bytes)]);

export const textField = (number: number, text: string): number[] => bytesField(number, encoder.encode(text));
