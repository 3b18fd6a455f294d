import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderDecileErrors } from '../sections/predictions.ts';
import { describeDecileError, drawDecileError, findDecileErrorDomain, measureDeciles } from './decileError.ts';

const actual = Float64Array.from({ length: 100 }, (_, i) => (37 * i) % 100);
const predicted = actual.map((value) => 50 + 0.2 * (value - 50));

test('groups by popularity: errors grow to both ends, with opposite bias', () => {
  const groups = measureDeciles(actual, predicted, 'popularity');
  expect(groups.map(({ rows }) => rows)).toEqual(new Array(10).fill(10));
  expect(groups[0].at).toBeCloseTo(4.5, 12);
  expect(groups[0].bias).toBeCloseTo(0.8 * 45.5, 12);
  expect(groups[9].bias).toBeCloseTo(-0.8 * 44.5, 12);
  expect(describeDecileError('m', 'popularity', groups)).toContain(
    'the bias is +36.4 in the lowest group and −35.6 in the highest.',
  );
});

test('a panel a model, dots for errors and squares for bias; names are escaped', () => {
  const groups = measureDeciles(actual, predicted, 'prediction');
  const svg = expectFigure((document) =>
    drawDecileError(document, 'm', 'prediction', groups, findDecileErrorDomain([groups])),
  );
  expect(svg.match(/<circle/g)).toHaveLength(10);
  const html = renderDecileErrors(makeDocument(), actual, [{ name: hostileName, predicted }], 'popularity');
  expect(html).not.toContain('<b>');
});

test('constants and one song are one group; no song is empty', () => {
  for (const values of [Float64Array.of(5, 5, 5), Float64Array.of(7)]) {
    const groups = measureDeciles(values, values, 'prediction');
    expect(groups).toHaveLength(1);
    expectFigure((document) => drawDecileError(document, 'm', 'prediction', groups, findDecileErrorDomain([groups])));
  }
  const none = new Float64Array(0);
  expect(renderDecileErrors(makeDocument(), none, [{ name: 'm', predicted: none }], 'popularity')).toBe('');
});
