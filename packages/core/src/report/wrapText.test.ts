import { expect, test } from 'vitest';
import { wrapText } from './wrapText.ts';

test('lines have at most 100 letters, all as far in as the first', () => {
  const word = 'x'.repeat(9);
  const text = Array.from({ length: 25 }, () => word).join(' ');
  const lines = wrapText(text, '- ').split('\n');
  // Two letters in, nine words of nine and their spaces are 91 letters, ten would be 101.
  expect(lines.map((line) => line.length)).toEqual([91, 91, 71]);
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['- x', '  x', '  x']);
  expect(lines.map((line) => line.slice(2)).join(' ')).toBe(text);
});

test('a word that is longer than a line has one of its own', () => {
  const long = 'y'.repeat(120);
  expect(wrapText(`a ${long} b`, '')).toBe(`a\n${long}\nb`);
  expect(wrapText('', '- ')).toBe('- ');
});
