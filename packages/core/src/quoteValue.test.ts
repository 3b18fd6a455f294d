import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName, formatJson, quoteValue } from './quoteValue.ts';

test('a quoted value is one short line of harmless characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const quoted = quoteValue(text);
      expect(quoted.length).toBeLessThanOrEqual(43);
      expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { seed: 1 },
  );
});

test.each([
  ['187', '"187"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\u001b]0;x\u0007', '"\\u{1b}]0;x\\u{7}"'],
  ['\u202eabc', '"\\u{202e}abc"'],
  ['é漢🎵', '"é漢🎵"'],
])('%j is quoted as %s', (text, quoted) => {
  expect(quoteValue(text)).toBe(quoted);
});

test('a file is named without its folder, on one line, shortened where it is long', () => {
  expect(fileName('/data/my\nsongs.csv')).toBe('my\\nsongs.csv');
  expect(fileName('x'.repeat(200))).toBe(`${'x'.repeat(100)}…`);
});

test('a document as JSON is one line of harmless characters, and reads as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 50 })), (texts) => {
      const json = formatJson({ texts });
      expect(json).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(json)).toEqual({ texts });
    }),
    { seed: 1 },
  );
});
