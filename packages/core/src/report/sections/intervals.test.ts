import { expect, test } from 'vitest';
import { hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { calibratedCoverages } from '../../intervals/conformal.ts';
import { findKept, measureIntervals } from '../../intervals/measureIntervals.ts';
import { openParts } from '../../parts.ts';
import { formatIntervals } from '../text/terminal.ts';
import { renderTrust } from './intervals.ts';

/** 200 songs that are off by −9.95 to 9.95; intervals of c reach 10·c. The first 150 are by artists with training songs. */
function makeIntervals(seen = 150) {
  const predicted = Float64Array.from({ length: 200 }, (_, i) => (i * 37) % 200);
  const intervals = calibratedCoverages.map((coverage) => ({
    low: predicted.map((value) => value - 10 * coverage),
    high: predicted.map((value) => value + 10 * coverage),
  }));
  return measureIntervals({
    actual: predicted.map((value, i) => value + (i - 99.5) / 10),
    seen: Uint8Array.from({ length: 200 }, (_, i) => (i < seen ? 1 : 0)),
    forecast: { predicted, distribution: null },
    deviation: 5,
    methods: (['split', 'outOfFold', 'crossPlus'] as const).map((method) => ({ method, intervals })),
  });
}

const figures = makeIntervals();

/** The songs that intervals are measured on, so many of which name an artist. */
const heldOut = (named: number) => ({ songs: 200, named, clusters: 120 });

test('calibration is described in words, by model and method, and by whether the artist has training songs', () => {
  const html = renderTrust(makeDocument(), [{ name: hostileName, figures }], { heldOut: heldOut(200) }, openParts());
  expect(html).not.toContain('<b>');
  expect(html).toContain('are 18 points wide on average');
  expect(html).toContain('cover 90.0 % of the held-out songs');
  expect(html).toContain(', out of fold</th>');
  // Songs that are off by more than 9 are the first ten and the last ten.
  expect(html).toContain('<td>150</td><td>93.3 % [88.2 %, 96.3 %]</td><td>50</td><td>80.0 % [67.0 %, 88.8 %]</td>');
  expect(html).not.toMatch(/NaN|undefined|null/);
});

test('artists of whom none, or all, have training songs leave a dash', () => {
  const own = { own: 'm', heldOut: heldOut(1) };
  const html = renderTrust(makeDocument(), [{ name: 'm', figures: makeIntervals(0) }], own, openParts());
  expect(html).toContain('<td>0</td><td>–</td><td>200</td><td>90.0 %');
  expect(renderTrust(makeDocument(), [], { own: 'm', heldOut: heldOut(200) }, openParts())).toBe('');
});

test('songs without artists are not grouped by them', () => {
  const html = renderTrust(
    makeDocument(),
    [{ name: 'm', figures: makeIntervals(0) }],
    { heldOut: heldOut(0) },
    openParts(),
  );
  expect(html).toContain('The 90 % prediction intervals of m');
  expect(html).not.toMatch(/artist/);
});

test('the terminal shows the method that is kept with a model', () => {
  expect(findKept(figures).method).toBe('outOfFold');
  const [lead, head, row] = formatIntervals([{ name: 'linear\u001b', figures }]).split('\n');
  expect(lead).toContain('in %');
  expect(head).toMatch(/^model +nominal 50 % +width +nominal 80 % +width +nominal 90 % +width$/);
  expect(row).toMatch(
    /^linear +50\.0 \[43\.1, 56\.9\] +10\.0 +80\.0 \[73\.9, 85\.0\] +16\.0 +90\.0 \[85\.1, 93\.4\] +18\.0$/,
  );
  expect(formatIntervals([])).toBe('');
});
