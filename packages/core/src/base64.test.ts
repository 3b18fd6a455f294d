import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

test('equals that of Node, and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeBase64(text)).toEqual(bytes);
    }),
  );
  const long = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  expect(decodeBase64(encodeBase64(long))).toEqual(long);
});

test.each(['A', 'AAA', 'AB==', 'AA ==', '*AAA', 'AAAA\n'])('is refused where nothing is encoded so: %j', (text) => {
  expect(decodeBase64(text)).toBeNull();
});
