import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldPlain } from './foldPlain.ts';
import { artistKey, titleKey } from './nameKeys.ts';

function fold(name: string): string | null {
  const bytes = Buffer.from(`(${name})`);
  const into = new Uint8Array(1000);
  const length = foldPlain(bytes, 1, bytes.length - 1, into);
  return length < 0 ? null : Buffer.from(into.subarray(0, length)).toString();
}

test('a plain name folds as a title and as an artist do', () => {
  const parts = [
    'Abc',
    'z',
    ' ',
    '  ',
    '-',
    ' - ',
    '.',
    "'",
    '`',
    '&',
    '$',
    '+',
    '?',
    '/',
    ';',
    '(',
    ')',
    ' feat. ',
    ' ft.',
    ' Ft ',
    ' featuring ',
  ];
  const more = [
    ' live',
    ' remastered',
    ' 2011',
    'é',
    'K',
    '_',
    '"',
    '\t',
    '~',
    '^',
    '|',
    '<',
    '=',
    '#',
    '\\',
    '[',
    '}',
    'F',
    ' f',
  ];
  const name = fc.oneof(
    fc.array(fc.constantFrom(...parts, ...more), { maxLength: 8 }).map((list) => list.join('')),
    fc.string({ maxLength: 20 }),
  );
  let plain = 0;
  fc.assert(
    fc.property(name, (text) => {
      const folded = fold(text);
      if (folded === null) return;
      if (text !== '') plain++;
      expect(folded).toBe(titleKey(text));
      expect(folded).toBe(artistKey(text));
    }),
    { numRuns: 20_000, seed: 1 },
  );
  expect(plain).toBeGreaterThan(2000);
});

test.each([
  ['', ''],
  ['Some Song No. 7!', 'some song no 7'],
  ["Don't  Stop", 'dont stop'],
  ['A$AP Rocky', 'a$ap rocky'],
  ['Non-Stop', 'non stop'],
])('%j is plain: %j', (name, key) => {
  expect(fold(name)).toBe(key);
});

test.each(['Título', 'One (Live)', 'One - Live', 'A feat. B', 'A & B', 'A; B', '???', 'x'.repeat(1001)])(
  '%j takes a closer look',
  (name) => {
    expect(fold(name)).toBeNull();
  },
);
