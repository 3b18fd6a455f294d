import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { drawPlot, widen } from './draw.ts';

test('an interval gets some room, and one without length some length', () => {
  expect(widen([0, 10], 0.1)).toEqual([-1, 11]);
  expect(widen([5, 5])).toEqual([4, 6]);
  expect(widen([100, 100])).toEqual([90, 110]);
  expect(widen([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toEqual([0, 1]);
});

// The ends of what an axis can show: its ticks are found by powers of ten on either side.
test.each([
  [0, 5e-324],
  [1e-300, 1.1e-300],
  [0, 1e-289],
  [-60, 1e300],
  [0, Number.MAX_VALUE],
  [1.6e308, 1.7e308],
])('an axis from %d to %d can be drawn', (low, high) => {
  const domain = widen([low, high]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = drawPlot(document, 'An axis.', { x: { domain, ticks: 5 } });
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(domain[0]).toBeLessThan(domain[1]);
});
