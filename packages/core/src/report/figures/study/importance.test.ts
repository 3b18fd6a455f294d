import { expect, test } from 'vitest';
import { expectFigure, hostileName } from '../../../../testing/expectFigure.ts';
import { describeParameterImportance, drawParameterImportance } from './importance.ts';

const shares = (...entries: [string, number][]) => new Map(entries);

test('the sentence names the two largest shares, and says where trials are few', () => {
  const two = shares(['rate', 0.7], ['depth', 0.25], ['loss', 0.05]);
  expect(describeParameterImportance(two, 100)).toBe(
    'Being among the best tenth had most to do with rate (70 %), then depth (25 %).',
  );
  expect(describeParameterImportance(two, 12)).toContain('From 12 complete trials these shares are uncertain.');
  expect(describeParameterImportance(shares(['a', 0.5], ['b', 0.5]), 100)).toBe('No parameter stands out.');
  expect(describeParameterImportance(shares(['a', 1]), 100)).toBe('a is the only parameter.');
});

test('bars are as long as shares; names are escaped and shortened', () => {
  const svg = expectFigure((document) =>
    drawParameterImportance(document, shares([hostileName.repeat(9), 0.75], ['b', 0.25]), 9),
  );
  expect(svg).not.toContain('<b>');
  expect(svg).toContain('…');
  const bars = svg.match(/aria-label="bar"[^>]*>(.*?)<\/g>/s)?.[1] as string;
  const [first, second] = [...bars.matchAll(/ width="([\d.]+)"/g)].map(([, width]) => Number(width));
  // Widths are rounded to a hundredth of a pixel.
  expect(first / second).toBeCloseTo(3, 2);
});

test('shares that are all nothing are drawn', () => {
  expectFigure((document) => drawParameterImportance(document, shares(['a', 0], ['b', 0]), 2));
});
