import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextWriter, decodeText } from './text.ts';

test('a text is decoded as TextDecoder does it, of whatever bytes and length', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // Short texts of ASCII, of which nearly all are, go a way of their own; 64 bytes are the limit.
  const ascii = fc.uint8Array({ min: 0, max: 127, minLength: 0, maxLength: 70 });
  const any = fc.uint8Array({ minLength: 0, maxLength: 200 });
  const written = fc
    .string({ unit: 'grapheme', maxLength: 70 })
    .map((text) => new TextEncoder().encode(`\ufeff${text}`));
  fc.assert(
    fc.property(fc.oneof(ascii, any, written), fc.nat(9), (bytes, before) => {
      const buffer = new Uint8Array(before + bytes.length + 3).fill(65);
      buffer.set(bytes, before);
      expect(decodeText(buffer, before, before + bytes.length)).toBe(decoder.decode(bytes));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('a text that is written reads as it was, until the next is written', () => {
  const writer = createTextWriter();
  const text = { bytes: new Uint8Array(0), start: 0, end: 0 };
  for (const from of ['', 'abc', '漢字 🎵', 'x'.repeat(1000), 'é'.repeat(300), '']) {
    writer.write(text, from);
    expect(decodeText(text.bytes, text.start, text.end)).toBe(from);
  }
});
