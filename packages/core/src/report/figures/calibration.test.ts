import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderCalibration } from '../sections/predictions.ts';
import { describeCalibration, drawCalibration, findCalibrationDomain, groupByPrediction } from './calibration.ts';

const predicted = Float64Array.from({ length: 200 }, (_, i) => 40 + i / 10);
const actual = predicted.map((value, i) => value + (i % 2 === 0 ? 3 : 1) - (i < 20 ? 12 : 0));

test('ten groups of equal size; the interval is that of Student for the mean', () => {
  const groups = groupByPrediction(actual, predicted);
  expect(groups.map(({ rows }) => rows)).toEqual(new Array(10).fill(20));
  const [, second] = groups;
  expect(second.actual - second.predicted).toBeCloseTo(2, 10);
  const own = Float64Array.from({ length: 20 }, (_, i) => actual[20 + i]);
  const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - second.actual) ** 2, 0) / 19);
  // The 0.975 quantile of Student's distribution on 19 degrees of freedom, to its sixth decimal.
  expect((second.high as number) - second.actual).toBeCloseTo((2.093024 * deviation) / Math.sqrt(20), 5);
});

test('one panel a model on one scale, with the worst group in words', () => {
  const html = renderCalibration(makeDocument(), actual, [
    { name: 'm', predicted },
    { name: hostileName, predicted },
  ]);
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).not.toContain('<b>');
  const groups = groupByPrediction(actual, predicted);
  expect(describeCalibration('m', groups)).toMatch(/predicted at 41\.0 are furthest off, 10\.0 points less popular\.$/);
  const svg = expectFigure((document) => drawCalibration(document, 'm', groups, findCalibrationDomain([groups])));
  expect(svg.match(/<circle/g)).toHaveLength(10);
});

test('constant predictions make one group; one song has no interval; no song no figure', () => {
  const constant = groupByPrediction(Float64Array.of(1, 2, 6), Float64Array.of(5, 5, 5));
  expect(constant).toHaveLength(1);
  expectFigure((document) => drawCalibration(document, 'm', constant, findCalibrationDomain([constant])));
  const single = groupByPrediction(Float64Array.of(5), Float64Array.of(5));
  expect(single).toEqual([{ rows: 1, predicted: 5, actual: 5, low: null, high: null }]);
  expectFigure((document) => drawCalibration(document, 'm', single, findCalibrationDomain([single])));
  expect(renderCalibration(makeDocument(), new Float64Array(0), [{ name: 'm', predicted: new Float64Array(0) }])).toBe(
    '',
  );
});
