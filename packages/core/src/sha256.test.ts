import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSha256, sha256Hex } from './sha256.ts';

const ofNode = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

test('equals the hash of Node for every length around a block’s ends', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);
    expect(sha256Hex(bytes)).toBe(ofNode(bytes).toString('hex'));
  }
});

test('does not depend on how the bytes are cut, nor on where they lie in their buffer', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
      const hash = createSha256();
      for (const piece of pieces) {
        const shifted = new Uint8Array(piece.length + 3).subarray(3);
        shifted.set(piece);
        hash.update(shifted);
      }
      expect(hash.digestBase64()).toBe(ofNode(Buffer.concat(pieces)).toString('base64'));
    }),
  );
});

test('takes text as UTF-8', () => {
  expect(sha256Hex('Señorita – 愛 🎵')).toBe(ofNode(Buffer.from('Señorita – 愛 🎵')).toString('hex'));
});
