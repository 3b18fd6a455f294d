import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderCorrelations, renderPairs } from '../sections/features.ts';
import { correlateColumns, describeCorrelations, drawCorrelations } from './correlationHeatmap.ts';
import { describePairs, drawPairs, selectStrongest } from './pairPlot.ts';

const rising = { name: 'rising', values: Float64Array.of(1, 2, 3, 4) };
const falling = { name: 'falling', values: Float64Array.of(9, 8, 7, 1) };
const mixed = { name: 'mixed', values: Float64Array.of(1, 3, 2, Number.NaN) };
const target = { name: 'popularity', values: Float64Array.of(10, 20, 30, 80) };

test('correlations are of ranks, over rows that have both, and symmetric', () => {
  const { correlations } = correlateColumns([rising, falling, mixed]);
  expect(correlations[1][0]).toBeCloseTo(-1, 12);
  // Ranks 1, 2, 3 with 1, 3, 2.
  expect(correlations[0][2]).toBeCloseTo(0.5, 12);
  expect(correlations[2][0]).toBe(correlations[0][2]);
});

test('each pair is one number; the strongest with the target is named', () => {
  const table = correlateColumns([mixed, falling, target]);
  const svg = expectFigure((document) => drawCorrelations(document, table));
  for (const text of ['−1.00', '0.50', '−0.50']) expect(svg).toContain(`>${text}<`);
  expect(describeCorrelations(table)).toBe(
    'falling correlates most with popularity, −1.00; among the other pairs, falling and mixed correlate most, −0.50.',
  );
});

test('the pair plot has the strongest columns, and a dot for each known pair', () => {
  expect(selectStrongest([mixed, falling, rising], target, 2).map(({ name }) => name)).toEqual([
    'falling',
    'rising',
    'popularity',
  ]);
  const svg = expectFigure((document) => drawPairs(document, [mixed, rising, target]));
  // Three with the column that lacks a value, twice; four else.
  expect(svg.match(/h0/g)).toHaveLength(10);
  expect(describePairs([mixed, rising, target])).toBe(
    'rising has a rank correlation of 1.00 with popularity, over 4 songs.',
  );
});

test('names are escaped; constants, one song and unknown values are drawn; no column and no song are empty', () => {
  const hostile = { ...rising, name: hostileName };
  const html = renderCorrelations(makeDocument(), [hostile], target) + renderPairs(makeDocument(), [hostile], target);
  expect(html).not.toContain('<b>');
  for (const values of [Float64Array.of(5, 5), Float64Array.of(5), Float64Array.of(Number.NaN), new Float64Array(0)]) {
    const columns = [
      { name: 'a', values },
      { name: 'b', values },
    ];
    expectFigure((document) => drawCorrelations(document, correlateColumns(columns)));
    expectFigure((document) => drawPairs(document, columns));
  }
  expect(renderCorrelations(makeDocument(), [], target) + renderPairs(makeDocument(), [], target)).toBe('');
  const none = { name: 'a', values: new Float64Array(0) };
  expect(renderCorrelations(makeDocument(), [none], none) + renderPairs(makeDocument(), [none], none)).toBe('');
});
