import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { style } from '../pages/style.ts';
import { drawPopularity } from './distribution.ts';
import { palette, thin } from './draw.ts';
import { drawLossCurve, findBestEpoch } from './lossCurve.ts';
import { averageResiduals, drawPredictedActual } from './scatter.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

test('both colours stand out from both backgrounds by 3 : 1', () => {
  const backgrounds = [...style.matchAll(/--back:(#[0-9a-f]+)/g)].map((match) => match[1]);
  expect(backgrounds.length).toBe(2);
  for (const colour of Object.values(palette)) {
    for (const background of backgrounds) {
      const [dark, light] = [measureLuminance(colour), measureLuminance(background)].sort((a, b) => a - b);
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(3);
    }
  }
});

test('a figure is one SVG that stands alone, with a dot for each song', () => {
  const domain = { x: [0, 100], y: [0, 100] } as const;
  const svg = drawPredictedActual(
    document,
    'a "b" <c>',
    Float64Array.of(1, 50, 99),
    Float64Array.of(40, 50, 60),
    domain,
  );
  expect(svg).toMatch(/^<svg role="img" aria-label="Popularity predicted by a &quot;b&quot; &lt;c&gt;[^"]*" xmlns=/);
  expect(svg).not.toContain('style');
  expect(svg.match(/h0/g)?.length).toBe(3);
  expect(svg).not.toMatch(/="[^"]*\d\.\d{3}/);
});

test('bars hold all songs, 100 in the last bin; they are shares of the test songs', () => {
  const svg = drawPopularity(document, Float64Array.of(0, 4.9, 95, 100), Float64Array.of(50));
  const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map((match) => Number(match[1]));
  const filled = heights.filter((height) => height > 1);
  expect(filled.length).toBe(2);
  expect(filled[0]).toBe(filled[1]);
});

test('the best epoch is the first with the lowest validation loss', () => {
  const history = [5, 3, 4, 3].map((loss, i) => ({ epoch: i + 1, trainLoss: 1, validationLoss: loss }));
  expect(findBestEpoch(history)?.epoch).toBe(2);
  expect(findBestEpoch(history.map((epoch) => ({ ...epoch, validationLoss: null })))).toBeNull();
  expect(drawLossCurve(document, 'm', history)).toContain('the lowest validation loss is at epoch 2.');
});

test('mean residuals: ten groups, equal predictions together, all songs counted', () => {
  const predicted = Float64Array.from({ length: 100 }, (_, i) => i);
  const groups = averageResiduals(
    predicted.map((value) => value + 3),
    predicted,
  );
  expect(groups.length).toBe(10);
  for (const { y } of groups) expect(y).toBeCloseTo(3, 12);
  expect(averageResiduals(Float64Array.of(1, 2, 6), Float64Array.of(5, 5, 5))).toEqual([{ x: 5, y: -2 }]);
});

test('thinning keeps order and spacing', () => {
  expect(thin(3, 10)).toEqual([0, 1, 2]);
  expect(thin(10, 4)).toEqual([0, 2, 5, 7]);
});

/** Relative luminance as WCAG 2 defines it. */
function measureLuminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(digits.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
