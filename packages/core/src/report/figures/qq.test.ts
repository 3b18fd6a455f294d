import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { normalScores } from '../../statistics/normal.ts';
import { renderResidualQuantiles } from '../sections/predictions.ts';
import { describeQuantiles, drawResidualQuantiles, sortResiduals } from './qq.ts';

test('normal residuals lie on the line', () => {
  const scores = normalScores(Float64Array.from({ length: 60 }, (_, i) => (37 * i) % 60));
  const predicted = new Float64Array(60).fill(50);
  const found = sortResiduals(
    scores.map((score) => 52 + 10 * score),
    predicted,
  );
  // Both sides use the same quantile function at the same ranks: only rounding is left.
  for (const { normal, residual } of found.points) expect(residual).toBeCloseTo(2 + 10 * normal, 9);
  expect(found.mean).toBeCloseTo(2, 9);
});

test('of many rows all at the ends and some between are drawn', () => {
  const actual = Float64Array.from({ length: 5000 }, (_, i) => i);
  const { points } = sortResiduals(actual, new Float64Array(5000));
  expect(points).toHaveLength(104);
  expect(points.slice(0, 12).map(({ residual }) => residual)).toEqual([...actual.slice(0, 12)]);
  expect(points.slice(-12).map(({ residual }) => residual)).toEqual([...actual.slice(-12)]);
});

test('a panel a model; constants and single songs are drawn, no song is empty', () => {
  const actual = Float64Array.of(1, 5, 9);
  const html = renderResidualQuantiles(makeDocument(), actual, [
    { name: hostileName, predicted: actual },
    { name: 'm', predicted: Float64Array.of(2, 2, 2) },
  ]);
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).not.toContain('<b>');
  expect(renderResidualQuantiles(makeDocument(), new Float64Array(0), [{ name: 'm', predicted: actual }])).toBe('');
  const single = sortResiduals(Float64Array.of(4), Float64Array.of(1));
  expect(describeQuantiles('m', single)).toContain('range from 3.0 to 3.0 points');
  expectFigure((document) => drawResidualQuantiles(document, 'm', single, [0, 5]));
});
