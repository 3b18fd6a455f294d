import { describe, expect, test } from 'vitest';
import { makeCsv, makeSong } from '../../testing/madeCsv.ts';
import { sha256Hex } from '../sha256.ts';
import { type ByteSource, openBytes, pieceLength } from './byteSource.ts';
import { readTracks } from './readCsv.ts';
import { readText } from './readText.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** Bytes that come as a slow network gives them: so many at a time, now and then none. */
function dribble(bytes: Uint8Array, length: number): ByteSource {
  return {
    ...openBytes('slow.csv', bytes),
    async *pieces() {
      for (let from = 0; from < bytes.length; from += length) {
        yield bytes.subarray(from, from + length);
        yield new Uint8Array(0);
      }
    },
  };
}

async function join(source: ByteSource): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  for await (const piece of readText(source)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

describe.each([1, 2, 3, 5, 1000])('text that comes in pieces of %i bytes', (length) => {
  const read = (bytes: Uint8Array) => join(dribble(bytes, length));

  test.each(['a', 'é', '漢', 'plain\n', 'Ünïcödé 漢字 🎵', '\ufeffabc', 'a\ufeffb'])(
    '%j is read whole',
    async (text) => {
      expect(await read(encode(text))).toBe(text.replace(/^\ufeff/, ''));
    },
  );

  test.each<[string, Uint8Array, RegExp]>([
    ['no byte', new Uint8Array(0), /^slow\.csv: must have a header and rows, got an empty file$/],
    ['a mark alone', encode('\ufeff'), /got an empty file$/],
    ['a spreadsheet', encode('PK\u0003\u0004rest'), /got a spreadsheet or zip archive/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), /got a gzip archive/],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 97, 0), /got UTF-16/],
    ['Latin-1', Uint8Array.of(97, 98, 99, 0xe9, 100, 101), /must be UTF-8, got bytes in another encoding/],
    ['a character cut off at the end', encode('abc漢').subarray(0, 5), /must be UTF-8/],
    ['a surrogate', Uint8Array.of(97, 98, 99, 0xed, 0xa0, 0x80, 97), /must be UTF-8/],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });

  test('is the same table as at once', async () => {
    const bytes = encode(`\ufeff${makeCsv([makeSong(1, { track_name: '漢字, "🎵"\n' }), makeSong(2)])}`);
    const slow = await readTracks(dribble(bytes, length));
    const { tracks } = await readTracks(openBytes('slow.csv', bytes));
    expect({ ...slow.tracks, source: null }).toEqual({ ...tracks, source: null });
  });
});

describe('bytes in memory', () => {
  test.each([1, 2, 3])('may have characters that lie across two pieces, %i bytes in the first', async (bytes) => {
    // A second one lies otherwise, so that what is carried over changes from piece to piece.
    const first = `${'x'.repeat(pieceLength - bytes)}🎵`;
    const text = `${first}${'y'.repeat(2 * pieceLength - encode(first).length - 1)}漢z`;
    expect(await join(openBytes('long.csv', encode(text)))).toBe(text);
  });

  test('are given in pieces, with their hash', async () => {
    const bytes = Uint8Array.from({ length: pieceLength + 7 }, (_, i) => i % 251);
    const source = openBytes('a\nb.bin', bytes);
    expect(source).toMatchObject({ name: 'a\\nb.bin', size: bytes.length });
    const lengths: number[] = [];
    for await (const piece of source.pieces()) lengths.push(piece.length);
    expect(lengths).toEqual([pieceLength, 7]);
    expect(source.sha256()).toBe(sha256Hex(bytes));
    expect(source.sha256()).toBe(sha256Hex(bytes));
  });
});
