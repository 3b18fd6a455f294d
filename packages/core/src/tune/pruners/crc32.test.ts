import { crc32 as ofZlib } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

test.each(['', 'a', 'hitscan_0', 'Señorita 🎵'])('equals zlib: %j', (text) => {
  expect(crc32(text)).toBe(ofZlib(text));
});
