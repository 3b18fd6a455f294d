import { expect, test } from 'vitest';
import { expectFigure, hostileName, makeDocument } from '../../../testing/expectFigure.ts';
import { renderLearningCurves } from '../sections/training.ts';
import { describeLearning, drawLearningCurve, findLearningDomain, type LearningCurve } from './learningCurve.ts';

function makeCurve(name: string, last: number, rows = [500, 1000, 3000]): LearningCurve {
  const points = rows.map((trainRows, i) => {
    const error = last + 3 * (rows.length - 1 - i);
    return { trainRows, error, low: error - 2, high: error + 2 };
  });
  return { name, points };
}

test('every point has a mark and an interval; the best model and its gain are named', () => {
  const curves = [makeCurve('linear', 105), makeCurve('mamba', 101)];
  const svg = expectFigure((document) => drawLearningCurve(document, 'MSE', curves, findLearningDomain(curves)));
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain('>mamba<');
  expect(describeLearning('MSE', curves)).toBe(
    'With 3,000 training songs the lowest MSE is that of mamba, 101.0; with 1,000 it was 104.0.',
  );
});

test('more than four models have several panels; names are escaped', () => {
  const curves = Array.from({ length: 5 }, (_, i) => makeCurve(`${hostileName}${i}`, 100 + i));
  const html = renderLearningCurves(makeDocument(), 'MSE', curves);
  expect(html.match(/<svg/g)).toHaveLength(2);
  expect(html).not.toContain('<b>');
});

test('one point, no interval and no point are drawn; no curve is empty', () => {
  const bare = { name: 'm', points: [{ trainRows: 500, error: 100, low: null, high: null }] };
  for (const curve of [makeCurve('m', 100, [500]), bare, { name: 'm', points: [] }]) {
    expectFigure((document) => drawLearningCurve(document, 'MSE', [curve], findLearningDomain([curve])));
  }
  expect(renderLearningCurves(makeDocument(), 'MSE', [])).toBe('');
});
